"""Checksum of escape times over the Mandelbrot set, by bands of rows."""
from workers import run

SIZE, LIMIT, BANDS = 240, 120, 16


def band(number):
    total = 0
    for row in range(number, SIZE, BANDS):
        ci = 2.0 * row / SIZE - 1.0
        for column in range(SIZE):
            cr = 3.0 * column / SIZE - 2.0
            zr = zi = 0.0
            n = 0
            while n < LIMIT and zr * zr + zi * zi < 4.0:
                zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
                n += 1
            total += n * (row * SIZE + column) % 1009
    return total


print("mandelbrot", sum(run(band, range(BANDS))))
