# Skein. `make` builds build/release/skein and links build/skein to it.
#   make DEV=1                         build/dev/skein: quick to make, a third slower to run
#   make CHECK=1 | TSAN=1 | ASAN=1     the checking, ThreadSanitizer, Address+UB builds (folders of their own)
#   make deps | demo | test | bench | lint | install | conformance | soak
# Every .c below sync/ runtime/ jit/ src/ belongs to the runtime; nothing is listed by hand.

CC      := clang-19
VARIANT := $(if $(DEV),dev,$(if $(CHECK),check,$(if $(TSAN),tsan,$(if $(ASAN),asan,$(if $(FUZZ),fuzz,release)))))
B       := build/$(VARIANT)

WARN    := -Wall -Wextra -Werror -Wno-unused-parameter -Wstrict-prototypes -Wmissing-prototypes
CFLAGS  := -std=c11 -D_GNU_SOURCE -g -fno-strict-aliasing -fno-math-errno -ffp-contract=off -fPIE -I. -I$(B) $(WARN)
LDFLAGS := $(DEVLINK) -pie -fuse-ld=lld-19 -rdynamic
LDLIBS  := -lgmp -lz -l:libb2.a -ledit -lurcu-qsbr -lurcu-common -lpthread -ldl -lm

ifeq ($(VARIANT),release)
  CFLAGS += -O3 -fno-semantic-interposition -fno-plt
  # Objects carry code and bitcode: only the program itself is optimised at the link, tests and build steps link the code.
  # THIN=0 leaves that out, for quick builds.
  THIN ?= 1
  ifneq ($(THIN),0)
    LTO := -flto=thin -ffat-lto-objects
    LTO_LINK := $(LTO) -Wl,--fat-lto-objects,--thinlto-cache-dir=$(B)/lto
  endif
  LDLIBS := -lmimalloc $(LDLIBS)
else ifeq ($(VARIANT),dev)
  CFLAGS += -O1 -fno-semantic-interposition -fno-plt
  LDLIBS := -lmimalloc $(LDLIBS)
else ifeq ($(VARIANT),check)
  CFLAGS += -O1 -DSKEIN_CHECK -fno-omit-frame-pointer
  LDLIBS := -lmimalloc $(LDLIBS)
else ifeq ($(VARIANT),tsan)
  CFLAGS += -O1 -DSKEIN_TSAN -DSKEIN_PLAIN_MALLOC -fsanitize=thread -fno-omit-frame-pointer
  LDFLAGS += -fsanitize=thread
else
  CFLAGS += -O1 -DSKEIN_ASAN -DSKEIN_PLAIN_MALLOC -fsanitize=address,undefined -fsanitize-address-use-after-return=never \
            -fno-sanitize=function,alignment -fno-sanitize-recover=undefined -fno-omit-frame-pointer
  LDFLAGS += -fsanitize=address,undefined
endif
ifeq ($(VARIANT),fuzz)
  CFLAGS += -fsanitize=fuzzer-no-link
endif

SOURCES := $(sort $(wildcard sync/*.c runtime/*.c runtime/objects/*.c runtime/interp/*.c runtime/modules/*.c runtime/support/*.c jit/*.c src/*.c))
SOURCES := $(filter-out jit/stencils.c jit/stencilgen.c,$(SOURCES))
OBJECTS := $(SOURCES:%.c=$(B)/%.o)
LIBOBJS := $(filter-out $(B)/src/main.o $(B)/runtime/frozen.o,$(OBJECTS)) $(B)/frozen.o
UNITS   := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))

.PHONY: all unit fuzz clean FORCE
PREFIX ?= /usr/local
all: $(B)/skein build/skein

build/skein: FORCE
	@mkdir -p build; [ "$(VARIANT)" != release ] || ln -sfn release/skein $@

# How the objects are compiled: rewritten only when it differs, and then all of them are made anew.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CFLAGS) $(LTO)' >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(B)/link_flags: FORCE
	@mkdir -p $(@D)
	@echo '$(LDFLAGS) $(LTO_LINK) $(LDLIBS)' >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# What code objects are made of, and mean: cache files (__pycache__/*.skein-314.pyc) of one state of these sources serve no other.
BYTECODE_SOURCES := $(sort $(wildcard src/*.[ch] src/*.def runtime/*.def runtime/code.h runtime/ops/*.* runtime/interp/*.[ch] \
                                      runtime/objects/*.[ch] runtime/support/*.[ch] runtime/modules/marshal.c))
$(B)/bytecode_id.h: FORCE
	@mkdir -p $(@D)
	@echo "#define BYTECODE_ID 0x$$(cat $(BYTECODE_SOURCES) | sha256sum | cut -c1-16)u" >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(B)/runtime/modules/marshal.o: $(B)/bytecode_id.h

# The modules of the library that start-up needs are compiled in (runtime/lib/freeze): by a first link without them.
FROZEN := $(B)/frozen.o
$(B)/frozen.bin: $(B)/bytecode_id.h runtime/lib/freeze $(wildcard build/stdlib/os.py) | $(OBJECTS)
	@echo "  FREEZE $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $(B)/freezing $(OBJECTS) $(LDLIBS)
	@export ASAN_OPTIONS=detect_leaks=0; $(B)/freezing -I -S -B runtime/lib/freeze $@ 2>$(B)/freeze.log || { \
	  if $(B)/freezing -I -S -c pass 2>/dev/null || ! grep -q 'library of Python 3.14 was not found' $(B)/freeze.log; then cat $(B)/freeze.log; exit 1; fi; \
	  echo "  no library of Python 3.14 (make deps): nothing is compiled in"; head -c 8 /dev/zero >$@; }
	@rm $(B)/freezing
$(FROZEN): runtime/frozen.c $(B)/frozen.bin $(B)/flags
	@echo "  CC $@"
	@$(CC) $(CFLAGS) -Wno-c23-extensions '-DFROZEN_FILE="$(B)/frozen.bin"' -MMD -MP -c -o $@ $<

$(B)/skein: $(OBJECTS) $(FROZEN) $(B)/link_flags
	@echo "  LINK $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $(LTO_LINK) -o $@ $(filter-out $(B)/runtime/frozen.o,$(OBJECTS)) $(FROZEN) $(LDLIBS)

# Stencils: every operation for every combination of operand flags, as assembly that stencilgen tidies and makes tables of.
STENCIL_FLAGS := -std=c11 -D_GNU_SOURCE -fno-strict-aliasing -fno-math-errno -ffp-contract=off -I. -I$(B) $(WARN) -O2 -mcmodel=medium -fno-pic \
                 -fno-asynchronous-unwind-tables -ffunction-sections -fno-stack-protector -fno-jump-tables -fomit-frame-pointer -mno-red-zone
ifeq ($(VARIANT),check)
  STENCIL_FLAGS += -DSKEIN_CHECK
else ifeq ($(VARIANT),tsan)
  STENCIL_FLAGS += -DSKEIN_TSAN -DSKEIN_PLAIN_MALLOC -fsanitize=thread
else ifneq ($(VARIANT),release)
  STENCIL_FLAGS += -DSKEIN_ASAN -DSKEIN_PLAIN_MALLOC -fsanitize=address,undefined -fsanitize-address-use-after-return=never \
                   -fno-sanitize=function,alignment -fsanitize-trap=undefined
endif
STENCILS := $(foreach v,0 1 2 3 4 5 6 7,$(B)/jit/stencils-$(v).o)
$(B)/stencilgen: jit/stencilgen.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) -O1 -g $(WARN) -o $@ $<
$(B)/jit/stencils-%.o: jit/stencils.c $(B)/stencilgen $(B)/flags
	@mkdir -p $(@D)
	@echo "  STENCILS $@"
	@$(CC) $(STENCIL_FLAGS) -DVARIANT=$* -MMD -MP -MT $@ -MF $(@:.o=.d) -S -o $(@:.o=.raw.s) $<
	@$(B)/stencilgen tidy $(@:.o=.raw.s) $(@:.o=.s)
	@$(CC) -c -o $@ $(@:.o=.s)
$(B)/jit/stencils.inc: $(STENCILS)
	@$(B)/stencilgen tables $@ $(STENCILS)
$(B)/jit/stencil_tables.o: $(B)/jit/stencils.inc

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) $(CFLAGS) $(LTO) -MMD -MP -c -o $@ $<

$(B)/unit/%: tests/unit/%.c $(LIBOBJS) $(B)/link_flags
	@mkdir -p $(@D)
	@echo "  LINK $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(LIBOBJS) $(LDLIBS) -lcriterion

unit: $(UNITS)

# libFuzzer over the targets of stress/fuzz/targets.py
fuzz: $(B)/driver
$(B)/driver: stress/fuzz/driver.c $(LIBOBJS) $(B)/link_flags
	@[ "$(VARIANT)" = fuzz ] || { echo "make FUZZ=1 fuzz"; exit 2; }
	@echo "  LINK $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< $(LIBOBJS) $(LDLIBS)

# ---- for people
.PHONY: torture deps demo test test-release test-check test-tsan test-asan bench lint install conformance soak unicode-data
deps:
	@.ci/deps

DEMO ?= bench/programs/mandelbrot.py
demo: deps
	@$(MAKE) --no-print-directory -j2 all
	@build/skein compare --runs 3 $(DEMO)

test: deps
	@tests/all

bench: all
	@bench/run

install: all
	@runtime/lib/install "$(DESTDIR)$(PREFIX)"

lint:
	@tests/lint

conformance: all
	@[ -n "$(PEER)" ] && [ -n "$(TESTS)" ] || { echo "usage: make conformance PEER=PYTHON TESTS=DIR (the folder that holds CPython 3.14's package test)"; exit 2; }
	@tests/conformance "$(PEER)" "$(TESTS)"

HOURS ?= 1
soak: deps
	@stress/soak $(HOURS)

unicode-data:
	node runtime/support/unicode_gen.js

torture:
	@$(MAKE) --no-print-directory -s -C stress/torture $(if $(CHECK),CHECK=1) $(if $(TSAN),TSAN=1) $(if $(ASAN),ASAN=1)

clean:
	rm -rf build

$(STENCILS:.o=.d): ; 
-include $(STENCILS:.o=.d) $(OBJECTS:.o=.d) $(FROZEN:.o=.d) $(UNITS:%=%.d)
