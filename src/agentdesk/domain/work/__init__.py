"""Rules of tickets, announcements, call-backs and notices."""
