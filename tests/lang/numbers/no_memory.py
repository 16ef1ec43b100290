# Numbers too large for the memory there is: MemoryError, and the process lives on. (CPython computes these too, but for minutes.)
import math
import resource
import sys

sys.set_int_max_str_digits(0)
x = (1 << 400_000_000) - 12345
y = (1 << 200_000_000) - 777
with open('/proc/self/statm') as f:
    now = int(f.read().split()[0]) * resource.getpagesize()
hard = resource.getrlimit(resource.RLIMIT_AS)[1]
resource.setrlimit(resource.RLIMIT_AS, (now + 150_000_000, hard))
for text in ('x * x', 'x ** 3', 'x // y', 'x % y', 'divmod(x, y)', 'str(x)', 'math.isqrt(x)', 'math.gcd(x, y)', 'math.lcm(x, y)', 'x / (x - 1)',
             'pow(x, 3, y)', '10 ** (10 ** 9)', 'f"{x:o}"', 'int("7" * 100_000_000)'):
    try:
        eval(text)
        print(text, 'computed')
    except MemoryError:
        print(text, 'MemoryError')
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, hard))
print((x + y) % 1000003, (x >> 399_999_990) & 1023)
