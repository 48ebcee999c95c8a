// SPDX-License-Identifier: MIT
/*
 * kallsyms.c - which function is at this address?
 *
 * For %pS, stack traces and the leak report. dladdr() knows exported symbols
 * only, and nearly every function of a module is static; so the symbol table of
 * the file that the code was loaded from is read. A file that has changed since
 * (its program headers differ from those in memory) or that was stripped is
 * not believed; dladdr() has to do then.
 *
 * Nothing is cached: an answer costs some tens of microseconds, and a module
 * may be gone when it is asked for again. No lock of ours is taken, and of the
 * dynamic linker's only the one that guards its list of objects, so that
 * addresses can be named with any user lock held.
 *
 * Differs from Linux: no "[module]" for the program itself; an address without
 * a symbol is shown as its offset in its file, for addr2line.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>

#include <linux/export.h>
#include <linux/kallsyms.h>
#include <linux/sprintf.h>

#include "kernel-compat/elf_file.h"

/* The loaded object that holds an address. */
struct object {
	unsigned long	 address;	/* asked for */
	unsigned long	 base;
	const ElfW(Phdr) *phdr;
	size_t		 phnum;
	char		 path[512];	/* "" = the program */
};

struct symbol {
	unsigned long	 start, size;
	char		 name[256];
};

static int object_holds(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct object *obj = arg;

	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type != PT_LOAD ||
		    obj->address - info->dlpi_addr - ph->p_vaddr >= ph->p_memsz)
			continue;
		obj->base = info->dlpi_addr;
		obj->phdr = info->dlpi_phdr;
		obj->phnum = info->dlpi_phnum;
		strncpy(obj->path, info->dlpi_name ? info->dlpi_name : "",
			sizeof(obj->path) - 1);
		return 1;
	}
	return 0;
}

/* Is this the file that is in memory? */
static bool same_file(const struct elf_file *elf, const struct object *obj)
{
	const Elf64_Ehdr *head = (const void *)elf->data;
	size_t bytes = obj->phnum * sizeof(Elf64_Phdr);

	return head->e_phnum == obj->phnum && head->e_phoff <= elf->size &&
	       elf->size - head->e_phoff >= bytes &&
	       !memcmp(elf->data + head->e_phoff, obj->phdr, bytes);
}

/* Section @i if it lies wholly in the file, with its bytes, else NULL. */
static const Elf64_Shdr *section(const struct elf_file *elf, size_t i)
{
	const Elf64_Ehdr *head = (const void *)elf->data;
	const Elf64_Shdr *sec;
	size_t at = head->e_shoff + i * sizeof(*sec);

	if (i >= head->e_shnum || head->e_shentsize != sizeof(*sec) || at % 8 ||
	    at < head->e_shoff || at > elf->size || elf->size - at < sizeof(*sec))
		return NULL;
	sec = (const void *)(elf->data + at);
	if (sec->sh_offset > elf->size || sec->sh_size > elf->size - sec->sh_offset)
		return NULL;
	return sec;
}

static const Elf64_Shdr *symbol_table(const struct elf_file *elf, Elf64_Word type)
{
	const Elf64_Ehdr *head = (const void *)elf->data;

	for (size_t i = 0; i < head->e_shnum; i++) {
		const Elf64_Shdr *sec = section(elf, i);

		if (sec && sec->sh_type == type && sec->sh_offset % 8 == 0)
			return sec;
	}
	return NULL;
}

static bool symbol_holds(const Elf64_Sym *sym, unsigned long offset)
{
	unsigned char type = ELF64_ST_TYPE(sym->st_info);

	return (type == STT_FUNC || type == STT_OBJECT || type == STT_GNU_IFUNC) &&
	       sym->st_shndx != SHN_UNDEF && offset - sym->st_value < sym->st_size;
}

static bool search_table(const struct elf_file *elf, const Elf64_Shdr *table,
			 unsigned long offset, struct symbol *found)
{
	const Elf64_Shdr *strings = section(elf, table->sh_link);
	const Elf64_Sym *sym = (const void *)(elf->data + table->sh_offset);
	size_t nr = table->sh_size / sizeof(*sym);

	for (size_t i = 0; strings && i < nr; i++) {
		const char *name;

		if (!symbol_holds(&sym[i], offset) || sym[i].st_name >= strings->sh_size)
			continue;
		name = elf->data + strings->sh_offset + sym[i].st_name;
		found->start = sym[i].st_value;
		found->size = sym[i].st_size;
		memccpy(found->name, name, '\0',
			strings->sh_size - sym[i].st_name < sizeof(found->name) - 1 ?
			strings->sh_size - sym[i].st_name : sizeof(found->name) - 1);
		return true;
	}
	return false;
}

static bool search_file(const struct object *obj, struct symbol *found)
{
	struct elf_file elf;
	const Elf64_Shdr *table;
	bool ok = false;

	if (elf_open(&elf, *obj->path ? obj->path : "/proc/self/exe"))
		return false;
	if (same_file(&elf, obj)) {
		table = symbol_table(&elf, SHT_SYMTAB);
		if (!table)
			table = symbol_table(&elf, SHT_DYNSYM);
		ok = table && search_table(&elf, table, obj->address - obj->base, found);
	}
	elf_close(&elf);
	return ok;
}

static bool search_linker(const struct object *obj, struct symbol *found)
{
	Dl_info info;

	if (!dladdr((void *)obj->address, &info) || !info.dli_sname)
		return false;
	found->start = (unsigned long)info.dli_saddr - obj->base;
	found->size = 0;
	strncpy(found->name, info.dli_sname, sizeof(found->name) - 1);
	return true;
}

/* " [name]" of the object, from its path: the last part up to the first dot. */
static int put_module(char *buffer, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (!*name)
		return 0;
	return uwq_sprintf(buffer, " [%.*s]", (int)strcspn(name, "."), name);
}

/* @back bytes are taken off the address for the search only. */
static int put_symbol(char *buffer, unsigned long address, unsigned int back, bool offset)
{
	struct object obj = { .address = address - back };
	struct symbol sym = { 0 };
	int saved = errno;
	int len;

	if (!dl_iterate_phdr(object_holds, &obj)) {
		errno = saved;
		return uwq_sprintf(buffer, "0x%lx", address);
	}
	if (!search_file(&obj, &sym) && !search_linker(&obj, &sym))
		len = uwq_sprintf(buffer, "0x%lx", address - obj.base);
	else if (!offset)
		len = uwq_sprintf(buffer, "%s", sym.name);
	else if (sym.size)
		len = uwq_sprintf(buffer, "%s+0x%lx/0x%lx", sym.name,
				  address - obj.base - sym.start, sym.size);
	else
		len = uwq_sprintf(buffer, "%s+0x%lx", sym.name, address - obj.base - sym.start);
	len += put_module(buffer + len, obj.path);
	errno = saved;
	return len;
}

/**
 * sprint_symbol - name an address
 * @buffer: KSYM_SYMBOL_LEN bytes
 * @address: of code or data
 *
 * Context: any, but reads files: for reports, not for hot paths.
 * Return: length of the text.
 */
int sprint_symbol(char *buffer, unsigned long address)
{
	return put_symbol(buffer, address, 0, true);
}
EXPORT_SYMBOL_GPL(sprint_symbol);

int sprint_symbol_no_offset(char *buffer, unsigned long address)
{
	return put_symbol(buffer, address, 0, false);
}
EXPORT_SYMBOL_GPL(sprint_symbol_no_offset);

/*
 * A return address behind a call that never returns is the first of the next
 * function: the byte before it is in the right one.
 */
int sprint_backtrace(char *buffer, unsigned long address)
{
	return put_symbol(buffer, address, 1, true);
}
