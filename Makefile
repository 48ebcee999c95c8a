# SPDX-License-Identifier: MIT
#
# uwq: the Linux kernel's workqueues in user space. "make help" lists what can be made.

include scripts/build.mk

VERSION := 0.1.0
SONAME := libuwq.so.0
PREFIX ?= /usr/local
DESTDIR ?=
FILE ?=
T ?= 60
PEERS ?= 0

LIB_SRC := $(wildcard kernel-compat/*.c workqueue/*.c workqueue/offload/*.c)
CMD_SRC := $(wildcard scripts/uwq/*.c)

LIB_FLAGS := $(BASE_FLAGS) $(KERNEL_FLAGS) -Iinclude -I. -fPIC -fvisibility=hidden -DUWQ_BUILD
CMD_FLAGS := $(BASE_FLAGS) -std=gnu11 -fno-strict-aliasing -Iinclude -I. \
	-DUWQ_VERSION='"$(VERSION)"' -DUWQ_CC='"$(CC)"' -DUWQ_SANITIZE_LIST='"$(SANITIZE)"' \
	$(if $(filter /%,$(O)),-DUWQ_SOURCE_INCLUDE='"$(TOP)/include"')

LIB_OBJ := $(LIB_SRC:%.c=$(OBJ)/obj/%.o)
TEST_OBJ := $(LIB_SRC:%.c=$(OBJ)/test/%.o)
CMD_OBJ := $(CMD_SRC:%.c=$(OBJ)/obj/%.o)

LIBRARIES := $(OBJ)/$(SONAME) $(OBJ)/libuwq.so $(OBJ)/libuwq.a
PRODUCTS := $(if $(LIB_SRC),$(LIBRARIES)) $(if $(CMD_SRC),$(OBJ)/uwq)

.PHONY: all lib test-lib run check check-kernel bench bench-docs stress install clean help deps FORCE
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:

all: $(PRODUCTS)
	@:
lib: $(LIBRARIES)
	@:
test-lib: $(OBJ)/test/libuwq.a
	@:

# --- objects ---------------------------------------------------------------

$(OBJ)/flags.lib: FORCE
	$(call remember,$(CC) $(LIB_FLAGS) | $(LINK_FLAGS))
$(OBJ)/flags.cmd: FORCE
	$(call remember,$(subst ','\'',$(CC) $(CMD_FLAGS) | $(LINK_FLAGS)))
# A source that was added or removed changes what is linked.
$(OBJ)/objects: FORCE
	$(call remember,$(LIB_SRC))

$(LIB_OBJ): $(OBJ)/obj/%.o: %.c $(OBJ)/flags.lib
	@mkdir -p $(@D)
	$(call say_for,CC,$<)$(CC) $(LIB_FLAGS) $(DEP_FLAGS) -c -o $@ $<

# The test build is a second one only of what mentions UWQ_TEST, in a header or itself.
$(TEST_OBJ): $(OBJ)/test/%.o: %.c $(OBJ)/obj/%.o $(OBJ)/flags.lib
	@mkdir -p $(@D)
	$(Q)if grep -qsw UWQ_TEST $< $$(tr -d '\\:' <$(OBJ)/obj/$*.d); then \
		$(subst @,,$(call say_for,CC-TEST,$<))$(CC) $(LIB_FLAGS) -DUWQ_TEST $(DEP_FLAGS) -c -o $@ $<; \
	else cp $(OBJ)/obj/$*.o $@; fi

$(CMD_OBJ): $(OBJ)/obj/%.o: %.c $(OBJ)/flags.cmd
	@mkdir -p $(@D)
	$(call say_for,CC,$<)$(CC) $(CMD_FLAGS) $(DEP_FLAGS) -c -o $@ $<

# --- products --------------------------------------------------------------

# -Bsymbolic-functions: a program's own complete() must not become the library's.
$(OBJ)/$(SONAME): $(LIB_OBJ) scripts/libuwq.map $(OBJ)/flags.lib $(OBJ)/objects
	$(call say_for,LD,$@)$(CC) -shared -Wl,-soname,$(SONAME) -Wl,-Bsymbolic-functions \
		-Wl,--version-script=scripts/libuwq.map -o $@ $(LIB_OBJ) $(LINK_FLAGS) $(LIBS)

$(OBJ)/libuwq.so: $(OBJ)/$(SONAME)
	$(Q)ln -sf $(SONAME) $@

$(OBJ)/libuwq.a: $(LIB_OBJ) $(OBJ)/objects
	$(call say_for,AR,$@)rm -f $@ && $(AR) rcs $@ $(LIB_OBJ)

$(OBJ)/test/libuwq.a: $(TEST_OBJ) $(OBJ)/objects
	$(call say_for,AR,$@)rm -f $@ && $(AR) rcs $@ $(TEST_OBJ)

$(OBJ)/uwq: $(CMD_OBJ) $(LIBRARIES) $(OBJ)/flags.cmd
	$(call say_for,LD,$@)$(CC) -rdynamic -Wl,-rpath,'$$ORIGIN:$$ORIGIN/../lib' \
		-o $@ $(CMD_OBJ) -L$(OBJ) -luwq $(LINK_FLAGS) $(LIBS)

-include $(LIB_OBJ:.o=.d) $(TEST_OBJ:.o=.d) $(CMD_OBJ:.o=.d)

# --- what people type --------------------------------------------------------

# Missing packages first: nothing compiles without them.
deps:
	$(Q)scripts/install-deps

run: deps
	$(Q)$(MAKE) --no-print-directory $(jobs) all
	$(Q)UWQ_INCLUDE=$(TOP)/include $(OBJ)/uwq run Documentation/examples/filesum.c \
		path='$(if $(FILE),$(FILE),$(OBJ)/libuwq.a)'

check: deps
	$(Q)$(MAKE) --no-print-directory $(jobs) all test-lib
	$(Q)$(MAKE) --no-print-directory -C selftests run_tests

check-kernel: deps
	$(Q)$(MAKE) --no-print-directory $(jobs) all
	$(Q)UWQ=$(OBJ)/uwq scripts/check-kernel

stress: deps
	$(Q)$(MAKE) --no-print-directory $(jobs) all test-lib
	$(Q)$(MAKE) --no-print-directory -C selftests stress T=$(T)

bench: deps
	$(Q)$(if $(filter 1,$(PEERS)),scripts/install-deps bench)
	$(Q)$(MAKE) --no-print-directory $(jobs) all
	$(Q)$(MAKE) --no-print-directory -C selftests bench PEERS=$(PEERS)

# The figures of the last make bench become those of the documentation; or of the folders
# DIRS="A B C", several runs whose verdicts are shown side by side.
bench-docs:
	$(Q)scripts/bench-docs $(if $(DIRS),$(DIRS),$(OBJ)/bench)

INC := $(DESTDIR)$(PREFIX)/include/uwq
LIBDIR := $(DESTDIR)$(PREFIX)/lib

install: all
	$(Q)cd include && find . -name '*.h' -exec install -D -m 644 '{}' '$(INC)/{}' \;
	$(Q)install -D -m 755 $(OBJ)/$(SONAME) '$(LIBDIR)/$(SONAME)'
	$(Q)ln -sf $(SONAME) '$(LIBDIR)/libuwq.so'
	$(Q)install -D -m 644 $(OBJ)/libuwq.a '$(LIBDIR)/libuwq.a'
	$(Q)install -D -m 755 $(OBJ)/uwq '$(DESTDIR)$(PREFIX)/bin/uwq'
	$(Q)mkdir -p '$(LIBDIR)/pkgconfig'
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' -e 's|@LIBS@|$(LIBS)|' \
		uwq.pc.in > '$(LIBDIR)/pkgconfig/uwq.pc'
	@echo "installed under $(DESTDIR)$(PREFIX)"

clean:
	$(Q)rm -rf '$(OBJ)'

help:
	@echo 'make               build the library and the uwq command'
	@echo 'make run           checksum a file in a kernel-style module (FILE=path: that file)'
	@echo 'make check         run all tests'
	@echo 'make check-kernel  run the conformance modules inside a real Linux 6.12 (QEMU)'
	@echo 'make stress T=60   random mix of all calls for T seconds'
	@echo 'make bench         measure; PEERS=1 compares with other libraries'
	@echo 'make bench-docs    put the figures of the last make bench into the documentation'
	@echo 'make install       PREFIX=/usr/local DESTDIR='
	@echo 'make clean         remove the build folder'
	@echo
	@echo 'O=DIR  CC=clang  V=1  DEBUG=1  DELAYS=1  WERROR=1  SANITIZE=thread  SANITIZE=address,undefined'
