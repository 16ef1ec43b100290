# -b and -bb: what they say of text and bytes that meet.
import subprocess
import sys

PROGRAM = r"""
for source in ['str(b"a")', 'b"a" == "a"', '"a" != b"a"', 'b"a" == 1', 'b"a" < b"b"', '{"a": 1, b"a": 2}', 'str(bytearray(b"x"))',
               'bytearray(b"a") == "a"', 'b"a" in ["a"]', '"%s" % b"a"', 'f"{b"a"}"', 'memoryview(b"a") == "a"', '{97: 1}.get(b"a")',
               'str(b"a", "ascii")', 'b"a" == None', 'bytearray(b"a") == 1', 'repr(b"a")', 'b"a" == b"a"']:
    try:
        print(source, eval(source))
    except BytesWarning as e:
        print(source, repr(e))
"""
for option in ("-b", "-bb"):
    done = subprocess.run([sys.executable, option, "-c", PROGRAM], capture_output=True, text=True)
    print(option, done.returncode)
    print(done.stdout)
    print(sorted({line.partition("BytesWarning: ")[2] for line in done.stderr.splitlines() if "BytesWarning: " in line}))
