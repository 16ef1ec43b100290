# At a prompt that reads a pipe: what is wrong is said at once, and the next line is a new statement.
import subprocess
import sys

PROGRAM = r"""def broken(:
1 + 1
x =
for
(2,
3)
x = \
 5
x
class A:
  def g(self):
    return 1

  y = 2

A.y
1 +
'''abc
def'''
if x: print(4)

    3
print("end")
"""
done = subprocess.run([sys.executable, "-q", "-i"], input=PROGRAM, capture_output=True, text=True)
print(done.stdout)
print(done.stderr.replace(">>> ", "").replace("... ", "").rstrip())
