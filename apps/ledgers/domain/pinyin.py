"""Initials by which people find an account at the keyboard: 应收账款 is yszk."""

from __future__ import annotations

import re
import unicodedata

from pypinyin import Style, lazy_pinyin, load_phrases_dict

# A run of Chinese characters, a word of letters, or a number.
_PARTS = re.compile(
    r"(?P<chinese>[\u3400-\u4dbf\u4e00-\u9fff]+)"
    r"|(?P<number>[0-9]+)"
    r"|(?P<word>[^\W\d_\u3400-\u4dbf\u4e00-\u9fff]+)"
)

# Words of accounting that pypinyin's dictionary reads otherwise or does not know.
load_phrases_dict(
    {
        "折耗": [["zhé"], ["hào"]],
        "重分类": [["chóng"], ["fēn"], ["lèi"]],
        "重估": [["chóng"], ["gū"]],
        "重述": [["chóng"], ["shù"]],
        "调入": [["diào"], ["rù"]],
        "调汇": [["tiáo"], ["huì"]],
        "调增": [["tiáo"], ["zēng"]],
        "调减": [["tiáo"], ["jiǎn"]],
        "长投": [["cháng"], ["tóu"]],
        "行长": [["háng"], ["zhǎng"]],
        "应交": [["yīng"], ["jiāo"]],
        "供应商": [["gōng"], ["yìng"], ["shāng"]],
        "中行": [["zhōng"], ["háng"]],
        "工行": [["gōng"], ["háng"]],
        "建行": [["jiàn"], ["háng"]],
        "农行": [["nóng"], ["háng"]],
        "招行": [["zhāo"], ["háng"]],
        "交行": [["jiāo"], ["háng"]],
    }
)


def pinyin_initials(text: str) -> str:
    """Return first letters in lower case, of Chinese characters and of Latin words.

    Numbers stay whole: "增值税13%" is "zzs13", "Accounts receivable" is "ar".
    """
    plain = unicodedata.normalize("NFKC", text).replace("'", "").replace("’", "")
    return "".join(_initials(match) for match in _PARTS.finditer(plain))


def _initials(match: re.Match[str]) -> str:
    """Return the initials of one run of characters of the same kind."""
    if match["chinese"]:
        return "".join(lazy_pinyin(match["chinese"], style=Style.FIRST_LETTER, errors="ignore"))
    if match["number"]:
        return match["number"]
    return _without_accent(match["word"][0]).lower()


def _without_accent(letter: str) -> str:
    """Return É as E, so that it can be typed."""
    return unicodedata.normalize("NFKD", letter)[0]
