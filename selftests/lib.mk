# SPDX-License-Identifier: MIT
#
# lib.mk - how a folder of tests is built
#
# Every *.c (and *.cpp) is a program, linked statically with the test build of
# the library and the running half of the harness; every *.sh speaks TAP itself.
# A folder needs no Makefile:
#
#	make -C selftests/workqueue -f ../lib.mk run_tests
#
# A folder with special needs has one that sets, then includes this file:
#	TEST_PROGS	more programs, with rules of its own
#	NO_WILDCARD	1: the *.c here are not programs
#	TEST_TIMEOUT	seconds for a whole program (300)
#	TEST_ARGS	arguments that every program gets
#	EXTRA_FLAGS	for the compiler; EXTRA_LIBS for the linker
#	TEST_LIB	library to link with (the test build)
#
# Targets: all, run_tests, list (programs with their time limits, for the runner).

include $(dir $(lastword $(MAKEFILE_LIST)))../scripts/build.mk

DIR := $(notdir $(CURDIR))
OUT := $(OBJ)/selftests/$(DIR)
TEST_TIMEOUT ?= 300
TEST_LIB ?= $(OBJ)/test/libuwq.a
CXX ?= g++

C_SRC := $(if $(NO_WILDCARD),,$(wildcard *.c))
CXX_SRC := $(if $(NO_WILDCARD),,$(wildcard *.cpp))
RUNNER := $(OUT)/kselftest_run.o
DELAYS_OBJ := $(if $(filter 1,$(DELAYS)),$(OUT)/delays.o)
SCRIPTS := $(addprefix $(CURDIR)/,$(wildcard *.sh))
PROGS := $(C_SRC:%.c=$(OUT)/%) $(CXX_SRC:%.cpp=$(OUT)/%)

TEST_FLAGS := $(BASE_FLAGS) -fno-strict-aliasing -DUWQ_TEST -I$(TOP)/include -I$(TOP) \
	-I$(TOP)/selftests $(EXTRA_FLAGS)

.PHONY: all run_tests list lib FORCE
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

all: $(PROGS) $(TEST_PROGS)
	@:

# The caller that has just built the library says so.
lib:
	$(if $(UWQ_LIB_READY),@:,$(Q)$(MAKE) --no-print-directory -C $(TOP) lib test-lib)
# The empty recipe makes make look at their dates again.
$(OBJ)/libuwq.a $(OBJ)/test/libuwq.a: lib ;

$(OUT)/flags: FORCE
	$(call remember,$(CC) $(TEST_FLAGS) $(TEST_LIB) $(EXTRA_LIBS) | $(LINK_FLAGS))

$(RUNNER) $(DELAYS_OBJ): $(OUT)/%.o: $(TOP)/selftests/%.c $(OUT)/flags
	$(Q)$(CC) -std=gnu11 $(TEST_FLAGS) -MMD -MP -MF $@.d -c -o $@ $<

$(C_SRC:%.c=$(OUT)/%): $(OUT)/%: %.c $(OUT)/flags $(RUNNER) $(DELAYS_OBJ) $(TEST_LIB)
	$(call say,CCLD,selftests/$(DIR)/$*)$(CC) -std=gnu11 $(TEST_FLAGS) -MMD -MP -MF $@.d \
		-o $@ $< $(RUNNER) $(DELAYS_OBJ) $(TEST_LIB) $(LINK_FLAGS) $(EXTRA_LIBS) $(LIBS)

$(CXX_SRC:%.cpp=$(OUT)/%): $(OUT)/%: %.cpp $(OUT)/flags $(DELAYS_OBJ) $(TEST_LIB)
	$(call say,CXXLD,selftests/$(DIR)/$*)$(CXX) -std=gnu++17 $(TEST_FLAGS) -MMD -MP -MF $@.d \
		-o $@ $< $(DELAYS_OBJ) $(TEST_LIB) $(LINK_FLAGS) $(EXTRA_LIBS) $(LIBS)

-include $(PROGS:%=%.d) $(RUNNER).d $(DELAYS_OBJ:%=%.d)

list:
	@for p in $(PROGS) $(TEST_PROGS) $(SCRIPTS); do \
		echo "$(TEST_TIMEOUT) $(CURDIR) $$p $(TEST_ARGS)"; done

run_tests:
	$(Q)$(MAKE) --no-print-directory -C $(TOP)/selftests run_tests TARGETS=$(DIR)
