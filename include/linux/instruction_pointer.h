/* SPDX-License-Identifier: MIT */
/* instruction_pointer.h - where we are, and where we were called from */
#ifndef UWQ_LINUX_INSTRUCTION_POINTER_H
#define UWQ_LINUX_INSTRUCTION_POINTER_H

#define _RET_IP_	((unsigned long)__builtin_return_address(0))
#define _THIS_IP_	__extension__ ({ __label__ uwq_here; uwq_here: (unsigned long)&&uwq_here; })

#endif
