# SPDX-License-Identifier: MIT
#
# build.mk - flags, folders and quiet output, for the top Makefile and the tests
#
# Variables a person may give:
#   O=DIR		where products go (default: build, build-thread, ...)
#   CC=clang	compiler
#   V=1		show the commands
#   SANITIZE=L	thread, or address,undefined
#   DELAYS=1	tests whose threads lose their CPU at any moment, see selftests/delays.c
#   DEBUG=1	lock assertions and owner checks are real
#   WERROR=1	warnings are errors
#   CFLAGS=	replaces -O2 -g

TOP := $(patsubst %/,%,$(dir $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))))

ifeq ($(origin CC),default)
CC := gcc
endif
AR ?= ar
V ?= 0
comma := ,

O ?= build$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))$(if $(filter 1,$(DEBUG)),-debug)$(if $(filter 1,$(DELAYS)),-delays)
override OBJ := $(if $(filter /%,$(O)),$(O),$(TOP)/$(O))

CFLAGS ?= -O2 -g
WARN_FLAGS := -Wall -Wextra $(if $(filter 1,$(WERROR)),-Werror)

# gcc's thread sanitizer neither sees Concurrency Kit's inline assembly nor
# knows that a volatile access is meant: take the builtins of the compiler.
SAN_FLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -DUWQ_SANITIZE)
ifneq ($(filter thread,$(subst $(comma), ,$(SANITIZE))),)
SAN_FLAGS += -DCK_USE_CC_BUILTINS=1
endif
ifneq ($(filter undefined,$(subst $(comma), ,$(SANITIZE))),)
SAN_FLAGS += -fno-sanitize-recover=undefined
endif

# The dialect of kernel code, for the library and for everything that uses its headers.
KERNEL_FLAGS := -std=gnu11 -fno-strict-aliasing -D__KERNEL__
DELAY_FLAGS := $(if $(filter 1,$(DELAYS)),-finstrument-functions -DUWQ_DELAYS)
BASE_FLAGS := -pthread $(CFLAGS) $(WARN_FLAGS) $(SAN_FLAGS) $(if $(filter 1,$(DEBUG)),-DUWQ_DEBUG) \
	$(DELAY_FLAGS)
DEP_FLAGS = -MMD -MP -MF $(@:.o=.d)

LIBS := -lurcu-bp -lurcu-common -lpthread -ldl
LINK_FLAGS := $(LDFLAGS) -pthread $(if $(SANITIZE),-fsanitize=$(SANITIZE)) -Wl,--as-needed

# Sources are named relative to the tree, so that __FILE__ is short.
ifeq ($(V),1)
Q :=
say =
else
Q := @
say = @printf '  %-7s %s\n' '$(1)' '$(2)';
endif
say_for = $(call say,$(1),$(patsubst $(TOP)/%,%,$(2)))

# $(call jobs): run a sub-make on all CPUs unless the caller chose a -j.
jobs = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))

# $(call remember,TEXT): recipe that rewrites the target only if TEXT changed,
# so that whatever depends on it is rebuilt after a change of flags.
remember = @mkdir -p $(@D); printf '%s\n' '$(1)' | cmp -s - $@ 2>/dev/null || printf '%s\n' '$(1)' > $@
