"""What an import understands: its columns under all their names, and the words for coded values.

Headers and words are compared without regard to case, width, spaces, hyphens and underscores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentdesk.domain.language.text import fold_width

HEADERS: Mapping[str, tuple[str, ...]] = {
    "customer_id": ("customer id", "external id", "client id", "客户编号", "客户编码", "客户号", "客户标识", "客户ID"),
    "name": ("name", "customer name", "客户名称", "客户姓名", "姓名", "名称", "机主", "机主姓名", "户名"),
    "gender": ("gender", "sex", "性别"),
    "segment": ("segment", "customer type", "客户类型", "客户类别", "客户性质"),
    "card": ("card", "card level", "卡级", "客户卡级", "会员级别"),
    "since": ("since", "joined", "customer since", "入网时间", "入网日期", "入网"),
    "portrait": ("portrait", "画像", "客户画像"),
    "lifecycle": ("lifecycle", "life cycle", "生命周期"),
    "value": ("value", "customer value", "价值", "客户价值"),
    "arpu": ("arpu", "户均收入"),
    "points": ("points", "积分"),
    "flags": ("flags", "标记", "客户标记"),
    "certificate": ("certificate", "certificate number", "id number", "证件号码", "证件号", "身份证号", "身份证号码"),
    "service_password": ("service password", "password", "服务密码", "客服密码"),
    "address": ("address", "地址", "住址", "装机地址", "通讯地址"),
    "account_id": ("account id", "account", "账户编号", "账户号", "账号", "帐户编号", "合同号"),
    "balance": ("balance", "余额", "账户余额"),
    "arrears": ("arrears", "欠费", "欠费金额"),
    "arrears_since": ("arrears since", "欠费时间", "欠费日期"),
    "bill_due": ("bill due", "交费期限", "缴费期限", "缴费截止日"),
    "direct_debit": ("direct debit", "托收", "代扣", "是否托收"),
    "line_id": ("line id", "subscription id", "用户编号", "用户标识", "用户ID"),
    "number": ("number", "phone", "phone number", "mobile", "msisdn", "用户号码", "手机号码", "手机号", "电话号码"),
    "kind": ("kind", "service", "service type", "业务类型", "产品类型", "号码类型"),
    "plan": ("plan", "tariff", "套餐", "套餐名称", "资费套餐"),
    "fee": ("fee", "monthly fee", "月费", "月租", "月租费", "套餐月费"),
    "home": ("home", "home area", "归属地", "号码归属地"),
    "status": ("status", "line status", "状态", "用户状态", "号码状态"),
    "stop_reason": ("stop reason", "停机原因", "停机类型"),
    "stopped_at": ("stopped at", "停机时间", "停机日期"),
    "opened_at": ("opened at", "activated", "开通时间", "开户时间", "开通日期", "开户日期"),
    "contract_end": ("contract end", "合约到期", "合约到期时间", "合约到期日", "协议到期"),
    "rate_mbps": ("rate mbps", "speed", "签约速率", "宽带速率", "速率"),
    "contact_name": ("contact name", "contact", "联系人", "联系人姓名"),
    "contact_number": ("contact number", "contact phone", "联系电话", "联系号码", "联系人电话"),
    "contact_relation": ("contact relation", "联系人关系", "与机主关系"),
    "contact_hours": ("contact hours", "联系时间", "方便联系时间"),
}
"""Each field with the headers under which it is found."""

REQUIRED = ("name",)

WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "gender": {"male": ("m", "男", "男性", "先生"), "female": ("f", "女", "女性", "女士")},
    "segment": {
        "personal": ("individual", "个人", "个人客户", "公众"),
        "family": ("家庭", "家庭客户"),
        "corporate": ("company", "business", "集团", "集团客户", "政企", "单位"),
    },
    "card": {
        "ordinary": ("standard", "普通", "普通卡", "无"),
        "silver": ("银", "银卡"),
        "gold": ("金", "金卡"),
        "diamond": ("钻石", "钻石卡"),
        "supreme": ("至尊", "至尊卡"),
    },
    "portrait": {
        "data": ("数据", "数据型"),
        "voice": ("语音", "语音型"),
        "product": ("产品", "产品型"),
        "network": ("网络", "网络型"),
        "price": ("价格", "价格型"),
        "service": ("服务", "服务型"),
    },
    "lifecycle": {
        "joining": ("入网期",),
        "steady": ("正常在网期", "在网期"),
        "requesting": ("服务诉求期", "诉求期"),
        "resolving": ("诉求解决期", "解决期"),
    },
    "value": {
        "high": ("高", "高价值"),
        "medium": ("mid", "中", "中价值"),
        "low": ("低", "低价值"),
    },
    "kind": {
        "mobile": ("手机", "移动", "移动业务", "移网"),
        "fixed": ("固话", "固定电话", "座机"),
        "broadband": ("宽带", "固网宽带"),
        "iptv": ("电视", "IPTV", "沃家电视"),
        "convergent": ("融合", "融合业务"),
    },
    "status": {"active": ("normal", "正常", "开机", "在用"), "stopped": ("suspended", "停机", "已停机", "停用")},
    "stop_reason": {
        "arrears": ("欠费", "欠费停机"),
        "lost": ("挂失", "挂失停机"),
        "suspended": ("停机保号", "保号", "报停"),
        "real_name": ("实名不符", "实名"),
        "fraud": ("涉诈", "涉诈关停"),
        "court": ("司法", "违章停机", "司法停机"),
    },
    "contact_relation": {
        "user": ("使用人",),
        "family": ("家人", "家属", "亲属"),
        "handler": ("经办人", "单位经办人"),
        "company": ("单位",),
        "friend": ("朋友",),
        "other": ("其他",),
    },
    "direct_debit": {"yes": ("y", "true", "1", "是"), "no": ("n", "false", "0", "否")},
}
"""Coded values with the words that mean them; each code means itself, too."""

MONEY = ("balance", "arrears", "fee", "arpu")
"""Amounts in yuan."""

DAYS = ("since", "arrears_since", "bill_due", "stopped_at", "opened_at", "contract_end")
"""Days of China's time, with or without a time of day."""

WHOLE = ("points", "rate_mbps")
"""Whole numbers."""

ACCOUNT = ("account_id", "balance", "arrears", "arrears_since", "bill_due", "direct_debit")
LINE = (
    "line_id",
    "number",
    "kind",
    "plan",
    "fee",
    "home",
    "status",
    "stop_reason",
    "stopped_at",
    "opened_at",
    "contract_end",
    "rate_mbps",
)
PERSON = ("contact_name", "contact_number", "contact_relation", "contact_hours")


def place_of(field: str) -> tuple[str, str]:
    """Return to what a field belongs (own, account, line, person), and what it is called there."""
    if field in ACCOUNT:
        return "account", "id" if field == "account_id" else field
    if field in LINE:
        return "line", "id" if field == "line_id" else field
    if field in PERSON:
        return "person", field.removeprefix("contact_")
    return "own", field


def plain(text: str) -> str:
    """Return a header or word as it is compared."""
    folded = fold_width(text).strip().casefold()
    return "".join(c for c in folded if not c.isspace() and c not in "-_*:：()（）\ufeff'\"")


_FIELD_OF = {plain(header): field for field, headers in HEADERS.items() for header in (field, *headers)}

CODE_OF: Mapping[str, Mapping[str, str]] = {
    field: {plain(word): code for code, words in codes.items() for word in (code, *words)}
    for field, codes in WORDS.items()
}
"""For each coded field: from the word, as `plain` gives it, to the code."""


def fields_of(headers: Sequence[str]) -> tuple[str | None, ...]:
    """Return the field of each header, None for those that aren't understood or come a second time."""
    seen: set[str] = set()
    fields: list[str | None] = []
    for header in headers:
        field = _FIELD_OF.get(plain(header))
        fields.append(None if field is None or field in seen else field)
        if field is not None:
            seen.add(field)
    return tuple(fields)
