/* SPDX-License-Identifier: MIT */
/*
 * elf_file.h - a look into an ELF file without loading it
 */
#ifndef UWQ_KERNEL_COMPAT_ELF_FILE_H
#define UWQ_KERNEL_COMPAT_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct elf_file {
	const char *data;
	size_t size;
};

/* 0; -errno of open or read; -ENOEXEC: no 64-bit ELF file of this byte order */
int elf_open(struct elf_file *elf, const char *path);
void elf_close(struct elf_file *elf);

/*
 * Call @fn with each string of the sections named @section, which hold strings
 * one after another, each with its final NUL. Stops when @fn returns other than
 * 0 and returns that.
 */
int elf_each_string(const struct elf_file *elf, const char *section,
		    int (*fn)(const char *text, void *arg), void *arg);

/* Call @fn with each dynamic symbol that the file needs from elsewhere; weak ones are not needed. */
int elf_each_needed(const struct elf_file *elf, int (*fn)(const char *name, void *arg), void *arg);

#endif
