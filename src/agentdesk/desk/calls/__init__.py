"""Calls at the desk: the stack of contacts, the state of the agent, news of calls, transfers, ringing back, wrap-up."""
