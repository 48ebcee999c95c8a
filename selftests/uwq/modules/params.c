// SPDX-License-Identifier: MIT
/* params.c - a parameter of every kind, shown by init */
#include <linux/module.h>

static unsigned char a_byte;
module_param(a_byte, byte, 0444);
static short a_short;
module_param(a_short, short, 0444);
static unsigned short a_ushort;
module_param(a_ushort, ushort, 0444);
static int an_int = 7;
module_param(an_int, int, 0644);
MODULE_PARM_DESC(an_int, "a number, of course");
static unsigned int a_uint;
module_param(a_uint, uint, 0444);
static long a_long;
module_param(a_long, long, 0444);
static unsigned long a_ulong;
module_param(a_ulong, ulong, 0444);
static unsigned long long a_ullong;
module_param(a_ullong, ullong, 0444);
static unsigned int a_hexint;
module_param(a_hexint, hexint, 0444);
static char *a_charp = "none";
module_param(a_charp, charp, 0444);
static bool a_bool;
module_param(a_bool, bool, 0444);
static bool an_invbool;
module_param(an_invbool, invbool, 0444);
static int a_bint;
module_param(a_bint, bint, 0444);
static char a_string[8] = "none";
module_param_string(a_string, a_string, sizeof(a_string), 0444);
static int inner;
module_param_named(outer, inner, int, 0444);
static int numbers[3];
static unsigned int nr_numbers;
module_param_array(numbers, int, &nr_numbers, 0444);
static char *words[2];
module_param_array(words, charp, NULL, 0444);

static int even;

static int set_even(const char *val, const struct kernel_param *kp)
{
	int ret = param_set_int(val, kp);

	if (!ret && even % 2)
		return -EDOM;
	return ret;
}

static const struct kernel_param_ops even_ops = {
	.set = set_even,
	.get = param_get_int,
};
module_param_cb(even, &even_ops, &even, 0644);
__MODULE_PARM_TYPE(even, "int");

static int __init params_init(void)
{
	pr_info("byte %u short %d ushort %u int %d uint %u\n", a_byte, a_short, a_ushort, an_int,
		a_uint);
	pr_info("long %ld ulong %lu ullong %llu hexint %x\n", a_long, a_ulong, a_ullong, a_hexint);
	pr_info("charp [%s] string [%s] bool %d invbool %d bint %d outer %d even %d\n", a_charp,
		a_string, a_bool, an_invbool, a_bint, inner, even);
	pr_info("numbers %d,%d,%d of %u words [%s] [%s]\n", numbers[0], numbers[1], numbers[2],
		nr_numbers, words[0] ? words[0] : "", words[1] ? words[1] : "");
	return 0;
}

static void __exit params_exit(void)
{
	pr_info("params gone\n");
}

module_init(params_init);
module_exit(params_exit);
MODULE_AUTHOR("somebody");
MODULE_DESCRIPTION("shows its parameters");
MODULE_VERSION("1.2");
MODULE_LICENSE("Dual MIT/GPL");
