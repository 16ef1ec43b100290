# Codecs of all kinds, error handlers, the registry.
import codecs


def show(f):
    try:
        print(ascii(f()))
    except Exception as e:
        print(type(e).__name__ + ":", ascii(str(e)))


names = "ascii latin-1 utf-8 utf-7 utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be unicode_escape raw_unicode_escape cp1252 utf-8-sig koi8-r cp437".split()
texts = ["abc", "é", "€", "😀", "a\n\t\\", "\x80\xff", ""]
for name in names:
    for text in texts:
        show(lambda: text.encode(name))
        show(lambda: text.encode(name).decode(name) == text)
errors = "ignore replace backslashreplace xmlcharrefreplace namereplace surrogateescape surrogatepass strict nosuch".split()
for error in errors:
    for name in names:
        show(lambda: "a\u20ac\udc80\ud800z".encode(name, error))
        show(lambda: b"a\x80\xff\xed\xa0\x80+\\x".decode(name, error))


def handler(e):
    return f"<{e.start}:{e.end}:{e.reason}>", e.end


def bytes_handler(e):
    return b"??", e.end


def bad_handler(e):
    return 5


def far_handler(e):
    return "x", 100


def back_handler(e):
    return "-", e.end - len(e.object) or e.end  # counted from the end; 0 would start again for ever


for i, h in enumerate([handler, bytes_handler, bad_handler, far_handler, back_handler]):
    codecs.register_error(f"test{i}", h)
    show(lambda: "aéb€".encode("ascii", f"test{i}"))
    show(lambda: "aéb€".encode("cp1252", f"test{i}"))
    show(lambda: b"a\xffb".decode("utf-8", f"test{i}"))
    show(lambda: b"a\xffb".decode("ascii", f"test{i}"))

show(lambda: codecs.lookup("nosuch"))
show(lambda: codecs.lookup("UTF8").name)
show(lambda: codecs.lookup_error("nosuch"))
show(lambda: codecs.encode(b"abc", "hex"))
show(lambda: codecs.decode("uryyb", "rot13"))
show(lambda: "abc".encode("hex"))
show(lambda: b"616263".decode("hex"))
show(lambda: "abc".encode("rot13"))
show(lambda: codecs.register_error("x", 5))
show(lambda: codecs.charmap_encode("ab", "strict", {97: 65, 98: "xy"}))
show(lambda: codecs.charmap_decode(b"ab", "strict", "\0" * 97 + "XY"))
show(lambda: codecs.utf_8_decode(b"a\xe2\x82", "strict", False))
show(lambda: codecs.utf_16_decode(b"\xff\xfea\0b", "strict", False))
show(lambda: codecs.escape_decode(rb"a\n\x41\101"))
decoder = codecs.getincrementaldecoder("utf-8")()
show(lambda: [decoder.decode(bytes([b])) for b in "é€😀".encode()])
encoder = codecs.getincrementalencoder("utf-16")()
show(lambda: [encoder.encode(c) for c in "ab"])
show(lambda: list(codecs.iterdecode([b"\xe2", b"\x82", b"\xac"], "utf-8")))
