/* SPDX-License-Identifier: MIT */
/*
 * moduleparam.h - parameters of modules, of programs and of the library
 *
 * A parameter is one struct kernel_param in the section __param of the object
 * it was linked into, so that every module, every program and the library has
 * a table of its own. A module's are set when it is loaded (uwq/module.h); those
 * of a program and of the library come from the environment variable
 * UWQ_CMDLINE, under the prefix KBUILD_MODNAME, before main() starts. Later those
 * that @perm lets change can be set as files in /sys/module/PREFIX/parameters (kernel
 * code) or by uwq_param_set() (uwq/param.h).
 *
 * Differs from Linux: the type of the variable is checked by the compiler with an
 * error, where Linux has a mere warning. Numbers and truth values are stored
 * atomically, so that READ_ONCE() is enough for whoever looks at them.
 */
#ifndef UWQ_LINUX_MODULEPARAM_H
#define UWQ_LINUX_MODULEPARAM_H

#include <linux/stringify.h>
#include <linux/types.h>
#include <uwq/api.h>
#include <uwq/section.h>

struct module;
struct kernel_param;

/* Enough for a name of the file and its prefix, as in Linux */
#define MODULE_NAME_LEN		(64 - sizeof(unsigned long))
#define MAX_PARAM_PREFIX_LEN	MODULE_NAME_LEN

#ifndef KBUILD_MODNAME
#define KBUILD_MODNAME		"main"
#endif

#ifndef MODULE_PARAM_PREFIX
#ifdef MODULE
#define MODULE_PARAM_PREFIX
#else
#define MODULE_PARAM_PREFIX	KBUILD_MODNAME "."
#endif
#endif

/* "tag=text" for `uwq modinfo`; a program carries none, its own --help says more */
#define UWQ_PASTE_(a, b)	a ## b
#define UWQ_PASTE(a, b)		UWQ_PASTE_(a, b)
#ifdef MODULE
#define MODULE_INFO_STRING_(text)						\
	static const char UWQ_PASTE(uwq_modinfo_, __COUNTER__)[]		\
	UWQ_SECTION_ENTRY(".modinfo", 1) = text;
#else
#define MODULE_INFO_STRING_(text)	_Static_assert(1, "");
#endif
#define __MODULE_INFO(tag, name, info)	MODULE_INFO_STRING_(#tag "=" info)
#define MODULE_INFO(tag, info)		MODULE_INFO_STRING_(#tag "=" info)
#define MODULE_PARM_DESC(parm, desc)	MODULE_INFO_STRING_("parm=" #parm ":" desc)
#define __MODULE_PARM_TYPE(name, type)	MODULE_INFO_STRING_("parmtype=" #name ":" type)

/* kernel_param_ops.flags: "name" without "=value" is allowed */
enum {
	KERNEL_PARAM_OPS_FL_NOARG = 1 << 0,
};

/**
 * struct kernel_param_ops - how a kind of parameter is read and shown
 * @flags: KERNEL_PARAM_OPS_FL_*
 * @set: store @val; NULL @val: the name stood alone. 0 or a negative errno
 * @get: print into @buffer (4096 bytes) with a final newline; length or errno
 * @free: release what @set allocated, when the module is unloaded; may be NULL
 */
struct kernel_param_ops {
	unsigned int flags;
	int (*set)(const char *val, const struct kernel_param *kp);
	int (*get)(char *buffer, const struct kernel_param *kp);
	void (*free)(void *arg);
};

/* kernel_param.flags */
enum {
	KERNEL_PARAM_FL_UNSAFE	= 1 << 0,	/* setting it is worth a warning */
	KERNEL_PARAM_FL_HWPARAM	= 1 << 1,	/* names a piece of hardware */
};

struct kernel_param {
	const char *name;
	struct module *mod;
	const struct kernel_param_ops *ops;
	const u16 perm;
	s8 level;
	u8 flags;
	union {
		void *arg;
		const struct kparam_string *str;
		const struct kparam_array *arr;
	};
};

struct kparam_string {
	unsigned int maxlen;
	char *string;
};

struct kparam_array {
	unsigned int max;
	unsigned int elemsize;
	unsigned int *num;	/* NULL: nobody asks how many were given */
	const struct kernel_param_ops *ops;
	void *elem;
};

/*
 * A module's table is found by its loader, the library's by the library. A
 * program that links the shared library has to hand its parameters over: each
 * comes with a constructor, which runs before main() and after the library's, and
 * a destructor for shared objects that are closed.
 */
UWQ_API_BEGIN
void uwq_param_hand_over(const struct kernel_param *kp);
void uwq_param_take_back(const struct kernel_param *kp);
UWQ_API_END

#ifdef MODULE
extern struct module __this_module __attribute__((__visibility__("protected")));
#define UWQ_PARAM_MODULE	(&__this_module)
#define UWQ_PARAM_HAND_OVER(name)
#else
#define UWQ_PARAM_MODULE	((struct module *)0)
#ifdef UWQ_BUILD
#define UWQ_PARAM_HAND_OVER(name)
#else
#define UWQ_PARAM_HAND_OVER(name)						\
	static const struct kernel_param __param_##name;			\
	__attribute__((__constructor__(102))) static void __param_hand_over_##name(void) \
	{									\
		uwq_param_hand_over(&__param_##name);				\
	}									\
	__attribute__((__destructor__(102))) static void __param_take_back_##name(void) \
	{									\
		uwq_param_take_back(&__param_##name);				\
	}
#endif
#endif

/* Octal digits, nobody may write who may not read, others may not write */
#define VERIFY_OCTAL_PERMISSIONS(perms)						\
	((perms) + (int)sizeof(char[1 - 2 * !!(					\
		(perms) < 0 || (perms) > 0777 ||				\
		(((perms) >> 6) & 4) < (((perms) >> 3) & 4) ||			\
		(((perms) >> 3) & 4) < ((perms) & 4) ||				\
		(((perms) >> 6) & 2) < (((perms) >> 3) & 2) ||			\
		((perms) & 2))]) - 1)

#define __module_param_call(prefix, name, ops_, arg_, perm_, level_, flags_)	\
	UWQ_PARAM_HAND_OVER(name)						\
	static const char __param_str_##name[] = prefix #name;			\
	static const struct kernel_param __param_##name				\
	UWQ_SECTION_ENTRY("__param", __alignof__(struct kernel_param)) = {	\
		__param_str_##name, UWQ_PARAM_MODULE, ops_,			\
		VERIFY_OCTAL_PERMISSIONS(perm_), level_, flags_, { (void *)(arg_) }, \
	}

#define module_param_cb(name, ops, arg, perm)					\
	__module_param_call(MODULE_PARAM_PREFIX, name, ops, arg, perm, -1, 0)
#define module_param_cb_unsafe(name, ops, arg, perm)				\
	__module_param_call(MODULE_PARAM_PREFIX, name, ops, arg, perm, -1,	\
			    KERNEL_PARAM_FL_UNSAFE)

/* The old form, with two functions in place of a struct kernel_param_ops */
#define module_param_call(name, set_, get_, arg, perm)				\
	static const struct kernel_param_ops __param_ops_##name = {		\
		.set = (set_), .get = (get_),					\
	};									\
	__module_param_call(MODULE_PARAM_PREFIX, name, &__param_ops_##name, arg, perm, -1, 0)

#define module_param_named(name, value, type, perm)				\
	param_check_##type(name, &(value));					\
	__MODULE_PARM_TYPE(name, #type)						\
	module_param_cb(name, &param_ops_##type, &(value), perm)
#define module_param_named_unsafe(name, value, type, perm)			\
	param_check_##type(name, &(value));					\
	__MODULE_PARM_TYPE(name, #type)						\
	module_param_cb_unsafe(name, &param_ops_##type, &(value), perm)
#define module_param(name, type, perm)		module_param_named(name, name, type, perm)
#define module_param_unsafe(name, type, perm)	module_param_named_unsafe(name, name, type, perm)

/* @hwtype (ioport, irq, dma ...) only says what the number means */
#define module_param_hw_named(name, value, type, hwtype, perm)			\
	param_check_##type(name, &(value));					\
	__MODULE_PARM_TYPE(name, #type)						\
	__module_param_call(MODULE_PARAM_PREFIX, name, &param_ops_##type, &(value), perm, -1, \
			    KERNEL_PARAM_FL_HWPARAM)
#define module_param_hw(name, type, hwtype, perm)				\
	module_param_hw_named(name, name, type, hwtype, perm)

#define module_param_string(name, string, len, perm)				\
	static const struct kparam_string __param_string_##name = { len, string }; \
	__MODULE_PARM_TYPE(name, "string")					\
	module_param_cb(name, &param_ops_string, &__param_string_##name, perm)

#define module_param_array_named(name, array, type, nump, perm)			\
	param_check_##type(name, &(array)[0]);					\
	static const struct kparam_array __param_arr_##name = {			\
		.max = sizeof(array) / sizeof((array)[0]),			\
		.elemsize = sizeof((array)[0]), .num = (nump),			\
		.ops = &param_ops_##type, .elem = (array),			\
	};									\
	__MODULE_PARM_TYPE(name, "array of " #type)				\
	module_param_cb(name, &param_array_ops, &__param_arr_##name, perm)
#define module_param_array(name, type, nump, perm)				\
	module_param_array_named(name, name, type, nump, perm)

/* Without a prefix, so for programs and the library only; a module has none */
#ifndef MODULE
#define core_param(name, var, type, perm)					\
	param_check_##type(name, &(var));					\
	__module_param_call("", name, &param_ops_##type, &(var), perm, -1, 0)
#define core_param_unsafe(name, var, type, perm)				\
	param_check_##type(name, &(var));					\
	__module_param_call("", name, &param_ops_##type, &(var), perm, -1,	\
			    KERNEL_PARAM_FL_UNSAFE)
#endif

/* A kind X is a param_check_X() and a param_ops_X: modules may add their own */
#define __param_check(name, p, type)						\
	_Static_assert(__builtin_types_compatible_p(__typeof__(*(p)), type),	\
		       "parameter " #name ": the variable is not of type " #type)
#define param_check_byte(name, p)	__param_check(name, p, unsigned char)
#define param_check_short(name, p)	__param_check(name, p, short)
#define param_check_ushort(name, p)	__param_check(name, p, unsigned short)
#define param_check_int(name, p)	__param_check(name, p, int)
#define param_check_uint(name, p)	__param_check(name, p, unsigned int)
#define param_check_long(name, p)	__param_check(name, p, long)
#define param_check_ulong(name, p)	__param_check(name, p, unsigned long)
#define param_check_ullong(name, p)	__param_check(name, p, unsigned long long)
#define param_check_hexint(name, p)	param_check_uint(name, p)
#define param_check_bool(name, p)	__param_check(name, p, bool)
/* bool may be a macro, and then arrives here expanded */
#define param_check__Bool(name, p)	param_check_bool(name, p)
#define param_ops__Bool			param_ops_bool
#define param_check_bool_enable_only(name, p)	param_check_bool(name, p)
#define param_check_invbool(name, p)	__param_check(name, p, bool)
#define param_check_bint(name, p)	param_check_int(name, p)
#define param_check_charp(name, p)						\
	_Static_assert(__builtin_types_compatible_p(__typeof__(*(p)), char *) || \
		       __builtin_types_compatible_p(__typeof__(*(p)), const char *), \
		       "parameter " #name ": the variable is not of type char *")

UWQ_API_BEGIN

#define UWQ_DECLARE_PARAM_KIND(kind)						\
	extern const struct kernel_param_ops param_ops_##kind;			\
	int param_set_##kind(const char *val, const struct kernel_param *kp);	\
	int param_get_##kind(char *buffer, const struct kernel_param *kp)

UWQ_DECLARE_PARAM_KIND(byte);
UWQ_DECLARE_PARAM_KIND(short);
UWQ_DECLARE_PARAM_KIND(ushort);
UWQ_DECLARE_PARAM_KIND(int);
UWQ_DECLARE_PARAM_KIND(uint);
UWQ_DECLARE_PARAM_KIND(long);
UWQ_DECLARE_PARAM_KIND(ulong);
UWQ_DECLARE_PARAM_KIND(ullong);
UWQ_DECLARE_PARAM_KIND(hexint);
UWQ_DECLARE_PARAM_KIND(charp);
UWQ_DECLARE_PARAM_KIND(bool);
UWQ_DECLARE_PARAM_KIND(invbool);

#undef UWQ_DECLARE_PARAM_KIND

/* Shown as a bool (bint keeps it in an int); enable_only can be set but not cleared */
extern const struct kernel_param_ops param_ops_bint;
int param_set_bint(const char *val, const struct kernel_param *kp);
extern const struct kernel_param_ops param_ops_bool_enable_only;
int param_set_bool_enable_only(const char *val, const struct kernel_param *kp);

extern const struct kernel_param_ops param_ops_string;
int param_set_copystring(const char *val, const struct kernel_param *kp);
int param_get_string(char *buffer, const struct kernel_param *kp);
extern const struct kernel_param_ops param_array_ops;
void param_free_charp(void *arg);

int param_set_uint_minmax(const char *val, const struct kernel_param *kp,
			  unsigned int min, unsigned int max);

/* Hold off changes of parameters while a value is looked at; all tables share one lock */
void kernel_param_lock(struct module *mod);
void kernel_param_unlock(struct module *mod);

UWQ_API_END

#endif
