"""The words for appointments, visits and the end of a shift."""

from __future__ import annotations

from agentdesk.desk.i18n import N_

APPOINTMENTS = {
    "booked": N_("booked"),
    "arrived": N_("has come"),
    "served": N_("served"),
    "cancelled": N_("cancelled"),
    "missed": N_("missed"),
}
APPOINTMENT_MOVES = {"moved": N_("moved to another time")}
PURPOSES = {
    "sim": N_("SIM card"),
    "transfer": N_("transfer of a line"),
    "payment": N_("payment"),
    "broadband": N_("broadband"),
    "contract": N_("contract, plan"),
    "complaint": N_("complaint"),
    "install": N_("installation at home"),
    "repair": N_("repair at home"),
    "other": N_("something else"),
}
BREACHES = {"queued": N_("had to queue in spite of it"), "missed_visit": N_("nobody came to the customer's home")}
WHY = {"end": N_("end of the shift"), "ill": N_("ill"), "dismissed": N_("left the company"), "leave": N_("on leave")}
WAYS = {"print": N_("printed"), "sms": N_("sent by SMS"), "none": N_("not given")}
