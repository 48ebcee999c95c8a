// SPDX-License-Identifier: MIT
/*
 * kselftest_run.c - the running half of kselftest_harness.h
 *
 * Built once and linked with every test program: hundreds of them need not compile it.
 *
 * The parent forks a child for each test, waits for it with a limit, turns its
 * end into a verdict and kills whatever it left in its process group. The child
 * dies with its parent, so that a killed run leaves nothing behind.
 */
#include "kselftest_harness.h"

#include <fnmatch.h>

static struct __test_metadata *ks_tests, **ks_tests_end = &ks_tests;

void ks_register_test(struct __test_metadata *t)
{
	*ks_tests_end = t;
	ks_tests_end = &t->next;
}

void ks_register_variant(struct __fixture_metadata *f,
			 struct __fixture_variant_metadata *variant)
{
	if (!f->variants_end)
		f->variants_end = &f->variants;
	*f->variants_end = variant;
	f->variants_end = &variant->next;
}

/* --- reporting from inside a test ------------------------------------------- */

void ks_log(const char *file, int line, struct __test_metadata *t, const char *fmt, ...)
{
	char text[800];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ksft_print_msg("%s:%d:%s:%s\n", file, line, t->name, text);
}

/* The first failure gives the reason that the result line shows. */
void ks_record(struct __test_metadata *t, int code, const char *reason)
{
	int pass = KSFT_PASS;

	if (__atomic_compare_exchange_n(&t->shared->code, &pass, code, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		snprintf(t->shared->reason, sizeof(t->shared->reason), "%s", reason);
	else if (code == KSFT_FAIL)
		__atomic_store_n(&t->shared->code, KSFT_FAIL, __ATOMIC_RELEASE);
}

/* Leave the body: by jump in its own thread, else by ending the child. */
void ks_abort(struct __test_metadata *t)
{
	fflush(stdout);
	if (t->runner == gettid())
		longjmp(t->abort_env, 1);
	_exit(KSFT_FAIL);
}

void ks_fail(struct __test_metadata *t, const char *file, int line, const char *fmt, ...)
{
	char text[300], reason[400];
	const char *base = strrchr(file, '/');
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ks_log(file, line, t, "%s", text);
	snprintf(reason, sizeof(reason), "%s:%d: %s", base ? base + 1 : file, line, text);
	ks_record(t, KSFT_FAIL, reason);
}

/* --- a test and its end ------------------------------------------------------- */

static pid_t ks_test_pid;	/* of the child that runs the test */

#if KS_SLOW > 1
/*
 * What only the stack of another thread held is lost in a child that the test forks, by no
 * fault of anybody: whether such a child looks for leaks at its exit is asked here.
 */
int __lsan_is_turned_off(void);
__attribute__((weak)) int __lsan_is_turned_off(void)
{
	return ks_test_pid && getpid() != ks_test_pid;
}
#endif

static int ks_time_limit(const struct __test_metadata *t)
{
	const char *text = getenv("KSFT_TIMEOUT_SCALE");
	int scale = text ? atoi(text) : 0;

	return t->timeout * (scale > 0 ? scale : KS_SLOW);
}

static void ks_full_name(char *to, size_t size, const struct __test_metadata *t,
			 const struct __fixture_variant_metadata *variant)
{
	snprintf(to, size, "%s%s%s%s%s", t->fixture->name ? t->fixture->name : "",
		 variant->name[0] ? "." : "", variant->name, t->fixture->name ? "." : "", t->name);
}

static __attribute__((noreturn))
void ks_child(struct __test_metadata *t, const void *variant, const sigset_t *mask, pid_t parent)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(KSFT_FAIL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (t->termsig)		/* sanitizers put handlers of their own there */
		signal(t->termsig, SIG_DFL);
	t->runner = gettid();
	ks_test_pid = getpid();
	t->wrapper(t, variant);
	__atomic_store_n(&t->shared->finished, true, __ATOMIC_RELEASE);
	fflush(NULL);
	/* What a failed test left running must not be waited for. */
	if (__atomic_load_n(&t->shared->code, __ATOMIC_ACQUIRE) == KSFT_FAIL)
		_exit(0);
	exit(0);
}

/* Wait for SIGCHLD or the limit. True: @status is the child's end. */
static bool ks_wait(pid_t child, int limit, int *status)
{
	struct timespec now, end, left;
	sigset_t chld;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += limit;
	for (;;) {
		if (waitpid(child, status, WNOHANG) == child)
			return true;
		clock_gettime(CLOCK_MONOTONIC, &now);
		left.tv_sec = end.tv_sec - now.tv_sec;
		left.tv_nsec = end.tv_nsec - now.tv_nsec;
		if (left.tv_nsec < 0) {
			left.tv_sec--;
			left.tv_nsec += 1000000000;
		}
		if (left.tv_sec < 0)
			return false;
		sigtimedwait(&chld, NULL, &left);
	}
}

/* Where does it hang? Asked of gdb, or elfutils' eu-stack, if the machine has one. */
void ks_show_stacks(pid_t child)
{
	char cmd[300];

	snprintf(cmd, sizeof(cmd),
		 "{ timeout -k 1 20 gdb -p %d -batch -nx -ex 'set pagination off' "
		 "-ex 'thread apply all bt 20' 2>/dev/null || "
		 "timeout -k 1 10 eu-stack -p %d 2>/dev/null; } | "
		 "grep -E '^(#|Thread|TID)' | sed 's/^/# /'", (int)child, (int)child);
	fflush(stdout);
	if (system(cmd))
		ksft_print_msg("no stacks: neither gdb nor eu-stack could look\n");
}

static int ks_verdict(struct __test_metadata *t, int status, bool in_time, char *reason,
		      size_t size)
{
	struct ks_shared *shared = t->shared;
	int code = __atomic_load_n(&shared->code, __ATOMIC_ACQUIRE);

	if (!in_time) {
		snprintf(reason, size, "%s after %d s%s%s",
			 shared->finished ? "hangs at exit" : "timed out", ks_time_limit(t),
			 shared->reason[0] ? "; " : "", shared->reason);
		return KSFT_FAIL;
	}
	snprintf(reason, size, "%s", shared->reason);
	if (WIFSIGNALED(status) && t->termsig && WTERMSIG(status) == t->termsig &&
	    code != KSFT_FAIL)
		return KSFT_PASS;
	if (WIFSIGNALED(status)) {
		snprintf(reason, size, "killed by signal %d (%s)%s%s", WTERMSIG(status),
			 strsignal(WTERMSIG(status)), shared->reason[0] ? "; " : "",
			 shared->reason);
		return KSFT_FAIL;
	}
	if (code == KSFT_FAIL)
		return code;
	if (t->termsig && code == KSFT_PASS)
		snprintf(reason, size, "did not die of signal %d", t->termsig);
	else if (!shared->finished)
		snprintf(reason, size, "left with status %d", WEXITSTATUS(status));
	else if (WEXITSTATUS(status))
		snprintf(reason, size, "status %d at exit (sanitizer report?)",
			 WEXITSTATUS(status));
	else
		return code;
	return KSFT_FAIL;
}

/* True: it has a verdict. */
static bool ks_attempt(struct __test_metadata *t,
		       const struct __fixture_variant_metadata *variant)
{
	char name[200], reason[600] = "";
	bool in_time = false;
	int status = 0, code = KSFT_FAIL;
	sigset_t chld, old;
	pid_t child, parent = getpid();

	ks_full_name(name, sizeof(name), t, variant);
	memset(t->shared, 0, sizeof(*t->shared));
	printf("#  RUN           %s ...\n", name);
	fflush(NULL);

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &old);
	child = fork();
	if (child == 0)
		ks_child(t, variant->data, &old, parent);
	if (child > 0) {
		in_time = ks_wait(child, ks_time_limit(t), &status);
		if (!in_time)
			ks_show_stacks(child);
		kill(-child, SIGKILL);
		if (!in_time)
			waitpid(child, &status, 0);
		code = ks_verdict(t, status, in_time, reason, sizeof(reason));
	} else {
		snprintf(reason, sizeof(reason), "fork: %s", strerror(errno));
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (in_time && __atomic_load_n(&t->shared->again, __ATOMIC_ACQUIRE)) {
		ksft_print_msg("%s: once more\n", name);
		return false;
	}
	ksft_test_result_code(code, name, reason[0] ? reason : NULL);
	return true;
}

static void ks_run(struct __test_metadata *t, const struct __fixture_variant_metadata *variant)
{
	for (t->attempt = 1; !ks_attempt(t, variant); t->attempt++)
		;
}

static bool ks_selected(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!fnmatch(argv[i], name, 0))
			return true;
	return argc < 2;
}

/* Call @fn, if given, for every selected test and variant; returns how many there are. */
static unsigned int ks_for_each(int argc, char **argv,
				void (*fn)(struct __test_metadata *,
					   const struct __fixture_variant_metadata *))
{
	static struct __fixture_variant_metadata only = { .name = "" };
	unsigned int count = 0;
	char name[200];

	for (struct __test_metadata *t = ks_tests; t; t = t->next) {
		struct __fixture_variant_metadata *variant = t->fixture->variants;

		if (!variant)
			variant = &only;
		for (; variant; variant = variant->next) {
			if (t->is_for && !t->is_for(variant->data))
				continue;
			ks_full_name(name, sizeof(name), t, variant);
			if (!ks_selected(name, argc, argv))
				continue;
			count++;
			if (fn)
				fn(t, variant);
		}
	}
	return count;
}

static void ks_print_name(struct __test_metadata *t,
			  const struct __fixture_variant_metadata *variant)
{
	char name[200];

	ks_full_name(name, sizeof(name), t, variant);
	printf("%s\n", name);
}

int ks_main(int argc, char **argv)
{
	unsigned int count;
	struct ks_shared *shared;

	if (argc > 1 && !strcmp(argv[1], "-l")) {
		ks_for_each(argc - 1, argv + 1, ks_print_name);
		return 0;
	}
	if (argc > 1 && argv[1][0] == '-') {
		fprintf(stderr, "usage: %s [-l] [TEST | PATTERN]...\n", argv[0]);
		return strcmp(argv[1], "-h") && strcmp(argv[1], "--help") ? KSFT_FAIL : 0;
	}
	ksft_print_header();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		ksft_exit_fail_msg("mmap: %s\n", strerror(errno));
	for (struct __test_metadata *t = ks_tests; t; t = t->next)
		t->shared = shared;
	count = ks_for_each(argc, argv, NULL);
	ksft_set_plan(count);
	if (!count)
		ksft_exit_fail_msg("no test selected\n");
	ks_for_each(argc, argv, ks_run);
	ksft_finished();
}
