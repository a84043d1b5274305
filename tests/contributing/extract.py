#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the examples of a Markdown file out: the block after ```LANGUAGE PATH becomes FOLDER/PATH.

    extract.py FILE.md FOLDER
"""

import re
import sys
from pathlib import Path

BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main():
    markdown, folder = Path(sys.argv[1]), Path(sys.argv[2])
    for name, text in BLOCK.findall(markdown.read_text(encoding="utf-8")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
        print(target)


if __name__ == "__main__":
    main()
