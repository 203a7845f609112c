"""The words for what services by phone, question flows and bills hold as codes."""

from __future__ import annotations

from agentdesk.desk.i18n import N_

ORDER_STATES = {
    "ordered": N_("ordered"),
    "late": N_("no effect yet: late"),
    "effected": N_("in effect"),
    "failed": N_("can't be done"),
    "cancelled": N_("order cancelled"),
    "undone": N_("taken back"),
}
MOVES = {
    "ordered": N_("ordered"),
    "late": N_("no effect in its time"),
    "effected": N_("took effect"),
    "failed": N_("can't be done"),
    "cancelled": N_("cancelled"),
    "undone": N_("taken back"),
}
SERVICE_GROUPS = {
    "sim_and_stop": N_("SIM, stop and start"),
    "voice": N_("voice features"),
    "data": N_("mobile data"),
    "roaming": N_("roaming"),
    "sms_and_vas": N_("messages and value-added services"),
    "plans_and_contracts": N_("plans and contracts"),
    "account": N_("account and payment"),
    "broadband": N_("broadband"),
    "telephone": N_("fixed telephone"),
    "iptv": N_("IPTV"),
    "lines_and_account": N_("leased lines and account"),
    "convergent": N_("bundles"),
}
FLOW_CATEGORIES = {
    "signal": N_("signal and network"),
    "activation": N_("service activation"),
    "messages": N_("text messages"),
    "ringback_vas": N_("ring-back tones and value-added services"),
    "tariff": N_("tariffs and bills"),
}
FLOW_ENDS = {
    "solved": N_("solved in the call"),
    "told": N_("to tell"),
    "promise": N_("promise"),
    "ticket": N_("ticket"),
    "transfer": N_("transfer"),
    "left": N_("left before its end"),
}
BILL_LINES = {
    "fixed": N_("monthly fee"),
    "overage": N_("beyond the plan"),
    "vas": N_("own services"),
    "third_party": N_("services of others"),
    "late_fee": N_("late fee"),
    "discount": N_("discount"),
}
VAS_HOW = {
    "phone": N_("by phone"),
    "sms": N_("by text message"),
    "app": N_("in the app"),
    "web": N_("on a web page"),
    "hall": N_("at the counter"),
    "with_plan": N_("came with the plan"),
    "unknown": N_("no record of how"),
}
VAS_SOURCE = {
    "owner": N_("ordered by the customer"),
    "unknown": N_("no proof of an order"),
    "trial": N_("trial that was to end"),
}
