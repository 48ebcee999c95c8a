// SPDX-License-Identifier: MIT
/* param_files.c - shows parameters, its own and the library's, as files */
#include <linux/fs.h>
#include <linux/module.h>

static int number = 1;
module_param(number, int, 0644);
static char *file = "";
module_param(file, charp, 0444);
static char *set = "";
module_param(set, charp, 0444);

static ssize_t put(const char *path, const char *text)
{
	struct file *f = filp_open(path, O_WRONLY, 0);
	loff_t pos = 0;
	ssize_t ret;

	if (IS_ERR(f))
		return PTR_ERR(f);
	ret = kernel_write(f, text, strlen(text), &pos);
	filp_close(f, NULL);
	return ret;
}

static int __init param_files_init(void)
{
	char text[64] = "";
	loff_t pos = 0;
	struct file *f;
	ssize_t len;

	if (*set)
		pr_info("written: %zd\n", put(file, set));
	f = filp_open(file, O_RDONLY, 0);
	if (IS_ERR(f)) {
		pr_info("opened: %ld\n", PTR_ERR(f));
		return 0;
	}
	len = kernel_read(f, text, sizeof(text) - 1, &pos);
	pr_info("read: %zd [%s] number %d\n", len, strim(text), number);
	filp_close(f, NULL);
	return 0;
}

static void __exit param_files_exit(void)
{
}

module_init(param_files_init);
module_exit(param_files_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("parameters as files");
