// SPDX-License-Identifier: MIT
/*
 * param.c - parameters found, checked and set; UWQ_CMDLINE
 *
 * UWQ_CMDLINE is to a process what its command line is to a kernel: words
 * "prefix.name=value", separated by white space, with double quotes around what
 * contains some. It is read once, by a constructor that runs before all others
 * of the library, so that they find their parameters set. Words for prefixes
 * that nobody has claimed by then wait for a module of that name.
 *
 * A word that cannot be used is reported by name and ignored.
 *
 * Locks: param_lock covers every change of a value; setters run under it.
 * Before main() there is one thread and the lock is not taken.
 * Differs from Linux: "--" has no meaning, since nothing follows the words.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <stdlib.h>
#include <string.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/param_internal.h"

/* Tables of the library itself; a static program's own parameters are among them */
extern const struct kernel_param __start___param[]
	__attribute__((__weak__, __visibility__("hidden")));
extern const struct kernel_param __stop___param[]
	__attribute__((__weak__, __visibility__("hidden")));

/* A word of UWQ_CMDLINE. Made by the constructor, read-only afterwards. */
struct word {
	struct word *next;
	const char *name;	/* whole, with the prefix */
	const char *value;	/* NULL: the name stood alone */
};

static struct word *words;
static DEFINE_MUTEX(param_lock);

/**
 * kernel_param_lock - hold off changes of parameters
 * @mod: whose; ignored, all tables share one lock
 *
 * Context: May sleep. Not from a setter, which already runs under the lock.
 */
void kernel_param_lock(struct module *mod)
{
	(void)mod;
	mutex_lock(&param_lock);
}

/**
 * kernel_param_unlock - allow changes of parameters again
 * @mod: as given to kernel_param_lock()
 */
void kernel_param_unlock(struct module *mod)
{
	(void)mod;
	mutex_unlock(&param_lock);
}

static char same_letter(char c)
{
	return c == '-' ? '_' : c;
}

static bool name_eq_n(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (same_letter(a[i]) != same_letter(b[i]))
			return false;
		if (!a[i])
			return true;
	}
	return true;
}

bool param_name_eq(const char *a, const char *b)
{
	return name_eq_n(a, b, (size_t)-1);
}

bool param_prefix_eq(const char *modname, const char *name, size_t len)
{
	return strlen(modname) == len && name_eq_n(modname, name, len);
}

const struct kernel_param *param_own_begin(void)
{
	return __start___param;
}

const struct kernel_param *param_own_end(void)
{
	return __stop___param;
}

const struct kernel_param *param_find(const struct kernel_param *begin,
				      const struct kernel_param *end, const char *name)
{
	for (const struct kernel_param *kp = begin; kp < end; kp++)
		if (param_name_eq(kp->name, name))
			return kp;
	return NULL;
}

int param_set_value(const struct kernel_param *kp, const char *owner, const char *value)
{
	char kind[160];
	int ret;

	if (!value && !(kp->ops->flags & KERNEL_PARAM_OPS_FL_NOARG)) {
		pr_err("%s: parameter %s needs a value; expected %s\n", owner, kp->name,
		       param_kind_text(kp, kind, sizeof(kind)));
		return -EINVAL;
	}
	if (!kp->ops->set) {
		pr_err("%s: parameter %s can be read but not set\n", owner, kp->name);
		return -EPERM;
	}
	if (kp->flags & KERNEL_PARAM_FL_UNSAFE)
		pr_warn("%s: setting the unsafe parameter %s\n", owner, kp->name);
	ret = kp->ops->set(value, kp);
	if (ret >= 0)
		return 0;
	param_kind_text(kp, kind, sizeof(kind));
	if (ret == -ERANGE)
		pr_err("%s: parameter %s: \"%s\" is out of range; expected %s\n", owner, kp->name,
		       value, kind);
	else if (ret == -ENOSPC)
		pr_err("%s: parameter %s: \"%s\" is too long; expected %s\n", owner, kp->name,
		       value, kind);
	else
		pr_err("%s: parameter %s: \"%s\" was refused (%pe); expected %s\n", owner, kp->name,
		       value ? value : "", ERR_PTR(ret), kind);
	return ret;
}

void param_free_table(const struct kernel_param *begin, const struct kernel_param *end)
{
	for (const struct kernel_param *kp = begin; kp < end; kp++)
		if (kp->ops->free)
			kp->ops->free(kp->arg);
}

/* Length of the prefix of @name with its dot; 0 if it has none */
static size_t prefix_len(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? (size_t)(dot - name) + 1 : 0;
}

void param_set_from_cmdline(const char *modname, const struct kernel_param *begin,
			    const struct kernel_param *end)
{
	size_t len = strlen(modname);

	mutex_lock(&param_lock);
	for (struct word *word = words; word; word = word->next) {
		const struct kernel_param *kp;

		if (prefix_len(word->name) != len + 1 || !name_eq_n(word->name, modname, len))
			continue;
		kp = param_find(begin, end, word->name + len + 1);
		if (kp)
			param_set_value(kp, modname, word->value);
		else
			pr_warn("UWQ_CMDLINE: %s: %s has no such parameter, ignored\n",
				word->name, modname);
	}
	mutex_unlock(&param_lock);
}

/* Is there a parameter with the prefix of @name in the library? */
static bool prefix_is_ours(const char *name, size_t len)
{
	for (const struct kernel_param *kp = __start___param; kp < __stop___param; kp++)
		if (prefix_len(kp->name) == len && name_eq_n(kp->name, name, len))
			return true;
	return false;
}

/* A bad word costs a line on stderr, never the start of the program */
static void set_own(const struct word *word)
{
	const struct kernel_param *kp = param_find(__start___param, __stop___param, word->name);
	size_t len = prefix_len(word->name);

	if (kp)
		param_set_value(kp, "UWQ_CMDLINE", word->value);
	else if (!len || prefix_is_ours(word->name, len))
		pr_warn("UWQ_CMDLINE: %s: no such parameter, ignored\n", word->name);
}

static bool is_own(const struct kernel_param *kp)
{
	return kp >= __start___param && kp < __stop___param;
}

/**
 * uwq_param_hand_over - tell the library of a parameter of the program
 * @kp: the parameter, which lives as long as the object it is in
 *
 * module_param() in a program calls this before main(). A parameter that the
 * library has found by itself, in a statically linked program, is left alone.
 */
void uwq_param_hand_over(const struct kernel_param *kp)
{
	if (is_own(kp))
		return;
	for (struct word *word = words; word; word = word->next)
		if (param_name_eq(kp->name, word->name))
			param_set_value(kp, "UWQ_CMDLINE", word->value);
	if (param_table_add(NULL, kp, kp + 1))
		pr_warn("%s: no memory for its file in /sys/module\n", kp->name);
}

/**
 * uwq_param_take_back - the object that a parameter is in goes away
 * @kp: as it was handed over
 *
 * For shared objects that a program closes; at its end nobody asks any more.
 */
void uwq_param_take_back(const struct kernel_param *kp)
{
	if (!is_own(kp))
		param_table_remove(kp);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

/*
 * Cut the next word off: spaces between quotes do not end it, and quotes around
 * the whole word or around the value are not part of it. Returns where to go on.
 */
static char *cut_word(char *at, const char **name, const char **value)
{
	bool quoted = false;
	char *start = at, *equals = NULL, *end;

	for (end = at; *end && (quoted || !is_space(*end)); end++) {
		if (*end == '"')
			quoted = !quoted;
		else if (*end == '=' && !equals)
			equals = end;
	}
	at = *end ? end + 1 : end;
	*end = '\0';
	if (end > start && end[-1] == '"' &&
	    (*start == '"' || (equals && equals[1] == '"' && end > equals + 2)))
		end[-1] = '\0';
	if (*start == '"')
		start++;
	*name = start;
	*value = NULL;
	if (equals) {
		*equals = '\0';
		*value = equals[1] == '"' ? equals + 2 : equals + 1;
	}
	return at;
}

__attribute__((constructor(101))) static void read_cmdline(void)
{
	const char *text = getenv("UWQ_CMDLINE");
	char *copy = text ? strdup(text) : NULL;	/* words point into it for good */
	struct word **last = &words;

	for (char *at = copy; at && *at;) {
		struct word *word;

		if (is_space(*at)) {
			at++;
			continue;
		}
		word = calloc(1, sizeof(*word));
		if (!word)
			return;
		at = cut_word(at, &word->name, &word->value);
		*last = word;
		last = &word->next;
		set_own(word);
	}
}

/* Setters are functions of the user's: a fork does not wait for them. */
void param_fork(enum fork_step step)
{
	if (step == FORK_CHILD)
		mutex_fork_child(&param_lock);
}
