"""Every refusal a person or a phone can meet, in one place: a code, a status, and a sentence that says what to
do next, in Chinese first. One JSON shape: `{"error": {"code", "message", "details"}}`.

Whoever refuses raises `Problem(code)`; nothing has changed by then. The office shows the same sentence as a page.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Sentence(NamedTuple):
    """One kind of refusal. `{name}` stands for a detail."""

    status: int
    zh: str
    en: str


CATALOGUE: dict[str, Sentence] = {
    "bad_json": Sentence(
        400, "数据不完整或格式不对，请重新同步。", "The data are cut or not as agreed. Sync again."
    ),
    "wrong_magic": Sentence(
        400,
        "这不是走访的数据。请检查网络是否需要登录。",
        "This is not Zoufang's data. Does the network ask for a login?",
    ),
    "wrong_protocol": Sentence(
        400,
        "手机上的版本与服务器不同，请更新后再同步。",
        "The phone's version differs from the server's. Update, then sync.",
    ),
    "bad_encoding": Sentence(
        400, "数据压缩有误，请重新同步。", "The data are not well compressed. Sync again."
    ),
    "not_signed_in": Sentence(401, "请先登录。", "Please sign in first."),
    "unknown_device": Sentence(
        401,
        "这部手机没有登记，请到村办公室重新扫码。",
        "This phone is not enrolled. Scan a new code at the office.",
    ),
    "wrong_login": Sentence(
        401, "账号或密码不对，请再试一次。", "Name or password is wrong. Try again."
    ),
    "second_factor": Sentence(
        401,
        "这个账号开了两步验证：请再填密码，并填手机验证器上的六位数字。",
        "This account has a second factor: type the password again, and the six digits of the authenticator app.",
    ),
    "wrong_code": Sentence(
        401,
        "六位数字不对，或已经用过：请等验证器上换成新的再填。",
        "The six digits are wrong or used already: wait for the app to show new ones.",
    ),
    "not_allowed": Sentence(
        403,
        "您的账号不能做这件事，请找村办公室。",
        "Your account may not do this. Ask the village office.",
    ),
    "higher_role": Sentence(
        403,
        "这个账号的角色比您的高，您不能改它。请让本人或管理员来改。",
        "This account has a higher role than yours. Ask its owner or the administrator.",
    ),
    "wrong_village": Sentence(
        403,
        "这部手机属于另一个村，请到村办公室重新扫码。",
        "This phone belongs to another village. Scan a new code.",
    ),
    "cut_off_full": Sentence(
        403,
        "这部手机已停用，从网上能交的都交满了。手机里的都还在：请在“同步”里存成文件，连手机一起带到村办公室。",
        "This phone was cut off and has sent as much as it may. All of it is still on the phone: save it as a file in Sync and take file and phone to the village office.",
    ),
    "no_photo_consent": Sentence(
        403,
        "这个孩子没有影像同意，照片不显示。请问监护人，同意了就在孩子档案里记下。",
        "There is no consent to photos of this child, so the picture is not shown. Ask the guardian and note a yes in the child's file.",
    ),
    "wrong_origin": Sentence(
        403,
        "请求不是从本站页面发出的，请刷新页面再试。",
        "The request did not come from our own page. Reload and try again.",
    ),
    "not_found": Sentence(
        404,
        "没有这一页，请从首页重新进入。",
        "There is no such page. Start again from the first page.",
    ),
    "erased_in_part": Sentence(
        409,
        "刚有人改过这份档案，它还在册里。请重新打开，再删一次。",
        "Somebody just changed this file, so it is still there. Open it again and erase once more.",
    ),
    "no_record": Sentence(404, "没有找到这份档案。", "This file was not found."),
    "code_unknown": Sentence(
        404,
        "登记码不存在、已用过或已过期，请村办公室重新出码。",
        "This code is unknown, used or expired. Ask the office for a new one.",
    ),
    "blob_unnamed": Sentence(
        404,
        "还没有收到提到这份照片或录音的记录，请先同步记录。",
        "No record that names this picture or recording has arrived yet. Sync the records first.",
    ),
    "wrong_method": Sentence(
        405, "这个地址不能这样使用。", "This address cannot be used that way."
    ),
    "login_taken": Sentence(
        409, "这个账号名已有人用，请换一个。", "This login is taken. Choose another."
    ),
    "blob_offset": Sentence(
        409,
        "照片或录音请从第 {offset} 字节接着传。",
        "Go on with this picture or recording at byte {offset}.",
    ),
    "decided_before": Sentence(
        409,
        "这份报表已经有人处理过了，请回到上报页面看结果。",
        "Somebody has decided on this report already. See the result on the page of reports sent up.",
    ),
    "not_final": Sentence(
        409,
        "统计表勾稽不平，不能上报。请先改正标出的项。",
        "The table does not add up and cannot be sent up. Correct what is marked first.",
    ),
    "too_large": Sentence(413, "内容太大，请分几次发送。", "This is too large. Send it in parts."),
    "blob_too_large": Sentence(
        413,
        "照片或录音太大，每份不超过 2 MB，请重新拍或录短一些。",
        "The picture or recording is over 2 MB. Take it again, or record less.",
    ),
    "too_many_pictures": Sentence(
        413,
        "照片超过 {at_most} MB，请按日期或网格筛选，分几次下载。",
        "The pictures are over {at_most} MB. Filter by day or grid and download them in parts.",
    ),
    "not_json": Sentence(
        415, "内容类型须为 application/json。", "The content type must be application/json."
    ),
    "bad_field": Sentence(
        422,
        "“{field}”填写有误，请改正后再提交。",
        "“{field}” is not right. Correct it and submit again.",
    ),
    "blob_broken": Sentence(
        422,
        "照片或录音在路上损坏了，请从头再传一次。",
        "The picture or recording was damaged on its way. Send it once more from the start.",
    ),
    "weak_password": Sentence(
        422,
        "密码至少要 {at_least} 个字符，且不能太常见。",
        "A password needs {at_least} characters and must not be a common one.",
    ),
    "unknown_role": Sentence(422, "没有这种身份。", "There is no such role."),
    "slow_down": Sentence(
        429,
        "尝试太频繁，请 {retry_after} 秒后再试。",
        "Too many tries. Try again in {retry_after} seconds.",
    ),
    "internal": Sentence(
        500,
        "服务器出了问题，您的数据没有改动。请稍后再试，并告诉管理员编号 {request}。",
        "The server failed; your data are unchanged. Try again later and tell the administrator {request}.",
    ),
    "busy": Sentence(
        503,
        "服务器正忙，请 {retry_after} 秒后再试。",
        "The server is busy. Try again in {retry_after} seconds.",
    ),
    "disk_full": Sentence(
        507,
        "服务器磁盘已满，没有保存。请告诉管理员。",
        "The server's disk is full; nothing was saved. Tell the administrator.",
    ),
    "disk_unwritable": Sentence(
        507,
        "服务器的磁盘写不进去（坏了，或变成只读），没有保存。请告诉管理员检查磁盘。",
        "The server's disk takes nothing (broken, or read-only); nothing was saved. Tell the administrator to check it.",
    ),
}


class Problem(Exception):
    """A refusal. `details` fill the sentence and are sent along."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    @property
    def status(self) -> int:
        return CATALOGUE[self.code].status

    def message(self, language: str = "zh") -> str:
        """The sentence in Chinese, or in English for `en`."""
        sentence = CATALOGUE[self.code]
        text = sentence.en if language == "en" else sentence.zh
        return text.format_map(_Missing(self.details))

    def body(self, language: str = "zh") -> dict[str, Any]:
        """The one JSON shape."""
        return {
            "error": {
                "code": self.code,
                "message": self.message(language),
                "details": {
                    k: v for k, v in self.details.items() if isinstance(v, str | int | bool)
                },
            }
        }


class _Missing(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "?"


def language_of(accept: str) -> str:
    """`en` if an Accept-Language header asks for English before Chinese, else `zh`."""
    for part in accept.lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "zh"
