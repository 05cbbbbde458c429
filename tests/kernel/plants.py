"""What is planted in Linux 6.12 and 6.1, and why each verdict is as it is.

The kernel's code was read for each place. Only names of functions and the calls that anchor a
plant are the kernel's; the planted C is klplint's own.
"""

from __future__ import annotations

from tests.kernel.planting import (
    Place,
    Plant,
    at_end_of_file,
    before,
    before_loop,
    behind,
    behind_loop,
    code,
    expected,
    first_statement,
    last_statement,
    loop_top,
    nested_top,
)

OK = "klp_update_patch_state(current); /* ok: KLP002 */"


def single(name: str, why: str, file: str, place: Place, text: str) -> Plant:
    """A plant of one piece."""
    return Plant(name, why, (code(file, place, text),))


def accepted(name: str, why: str, file: str, place: Place) -> Plant:
    """The right call, at a right place."""
    return single(name, why, file, place, OK)


def misplaced(name: str, why: str, file: str, place: Place, message: str) -> Plant:
    """The right task, at a wrong place."""
    call = f'klp_update_patch_state(current); /* want KLP002 error "{message}" */'
    return single(name, why, file, place, call)


# The task is not current. What KLP002 says of the places is said along with it.
TASKS = (
    single(
        "sched-member",
        "another task, in a plain function: execve() balances there",
        "kernel/sched/core.c",
        first_statement("sched_exec"),
        """\
        klp_update_patch_state(current->group_leader); /* want KLP001 error "group_leader" */ \
/* want KLP002 error "sched_exec" */""",
    ),
    single(
        "sched-list-walk",
        "each task of the system in turn, under RCU, in a plain function",
        "kernel/sched/core.c",
        behind("show_state_filter", "for_each_process_thread(g, p) {"),
        """\
        klp_patch_task(p); /* want KLP001 error "`p`" */ \
/* want KLP002 error "show_state_filter" */""",
    ),
    single(
        "sched-idle-task",
        "a safe location by its entry in the data, but the idle task may be another CPU's",
        "kernel/sched/idle.c",
        last_statement("do_idle"),
        'klp_update_patch_state(idle_task(cpu)); /* want KLP001 error "idle_task" */',
    ),
    single(
        "sched-new-parameter",
        "exported and called nowhere: nobody knows which task comes in",
        "kernel/sched/completion.c",
        at_end_of_file,
        """\

        void planted_switch_other(struct task_struct *task)
        {
            klp_update_patch_state(task); /* want KLP001 error "task" */ \
/* want KLP002 error "planted_switch_other" */
        }
        EXPORT_SYMBOL_GPL(planted_switch_other);""",
    ),
    single(
        "fs-function-result",
        "the task of the /proc directory that is looked into",
        "fs/proc/base.c",
        first_statement("proc_pid_permission"),
        """\
        klp_update_patch_state(get_proc_task(inode)); /* want KLP001 error "get_proc_task" */ \
/* want KLP002 error "proc_pid_permission" */""",
    ),
    single(
        "mm-local-of-list",
        "in the loop and unlocked, but the local variable comes from the reaper's list",
        "mm/oom_kill.c",
        before("oom_reaper", "if (tsk)"),
        'klp_update_patch_state(tsk); /* want KLP001 error "tsk" */',
    ),
    single(
        "mm-alias-of-current",
        "the kthread's own local variable holds current from its initialiser on, and its address "
        "is not taken: right, but to be written plainly",
        "mm/vmscan.c",
        loop_top("kswapd"),
        """\
        if (klp_patch_pending(tsk))
            klp_update_patch_state(tsk); /* want KLP001 note "current" */""",
    ),
    single(
        "net-conditional",
        "at the right place, but for one of two tasks",
        "net/core/pktgen.c",
        loop_top("pktgen_thread_worker"),
        'klp_update_patch_state(pkt_dev ? t->tsk : current); /* want KLP001 error "pkt_dev" */',
    ),
    single(
        "net-member",
        "the thread that polls, from where its work is done for it",
        "net/core/dev.c",
        first_statement("napi_complete_done"),
        """\
        klp_update_patch_state(n->thread); /* want KLP001 error "thread" */ \
/* want KLP002 error "napi_complete_done" */""",
    ),
    single(
        "driver-member",
        "in the thread's loop, and even its own task, but as a member: not provably current",
        "drivers/md/md.c",
        loop_top("md_thread"),
        'klp_update_patch_state(thread->tsk); /* want KLP001 error "tsk" */',
    ),
    single(
        "s390-null",
        "in the loop, but no task at all",
        "arch/s390/mm/cmm.c",
        loop_top("cmm_thread"),
        'klp_update_patch_state(NULL); /* want KLP001 error "NULL" */',
    ),
    single(
        "arm64-parent",
        "the parent's state, where execve() resets a thread",
        "arch/arm64/kernel/process.c",
        first_statement("flush_thread"),
        """\
        klp_update_patch_state(current->real_parent); /* want KLP001 error "real_parent" */ \
/* want KLP002 error "flush_thread" */""",
    ),
    single(
        "powerpc-exit-other-task",
        "the exit to user mode, a safe location by its entry, but for the group's leader",
        "arch/powerpc/kernel/signal.c",
        first_statement("do_notify_resume"),
        'klp_update_patch_state(current->group_leader); /* want KLP001 error "group_leader" */',
    ),
)

# Tops of real threads' loops: parsed again and again, with no lock held.
LOOPS = (
    single(
        "kswapd-top",
        "kthread_run() in the same file; the loop takes no lock of its own",
        "mm/vmscan.c",
        loop_top("kswapd"),
        """\
        if (klp_patch_pending(current))
            klp_update_patch_state(current); /* ok: KLP001 */""",
    ),
    accepted("oom-reaper-top", "before the wait", "mm/oom_kill.c", loop_top("oom_reaper")),
    accepted("khugepaged-top", "before the scan", "mm/khugepaged.c", loop_top("khugepaged")),
    accepted("kauditd-top", "before RCU is read", "kernel/audit.c", loop_top("kauditd_thread")),
    accepted(
        "kauditd-main-queue",
        "each `goto main_queue` has left the RCU read side before",
        "kernel/audit.c",
        behind("kauditd_thread", "main_queue:"),
    ),
    accepted("md-top", "with braces and a blank line", "drivers/md/md.c", loop_top("md_thread")),
    accepted(
        "psi-top",
        "a C file that others include",
        "kernel/sched/psi.c",
        loop_top("psi_rtpoll_worker"),
    ),
    accepted(
        "rcu-gp-top", "before the nested loop", "kernel/rcu/tree.c", loop_top("rcu_gp_kthread")
    ),
    accepted(
        "smpboot-top", "before preemption is off", "kernel/smpboot.c", loop_top("smpboot_thread_fn")
    ),
    accepted(
        "smpboot-enabled-again",
        "preemption is on again on this branch",
        "kernel/smpboot.c",
        behind("smpboot_thread_fn", "preempt_enable_no_resched()"),
    ),
    accepted("watchdog-top", "a loop without an end", "kernel/hung_task.c", loop_top("watchdog")),
    accepted(
        "pktgen-top",
        "before the next device",
        "net/core/pktgen.c",
        loop_top("pktgen_thread_worker"),
    ),
    accepted("ksm-top", "before the mutex", "mm/ksm.c", loop_top("ksm_scan_thread")),
    accepted(
        "x86-ksgxd-top", "x86's own thread", "arch/x86/kernel/cpu/sgx/main.c", loop_top("ksgxd")
    ),
    accepted(
        "powerpc-kopald-top",
        "a do loop, compiled for powerpc",
        "arch/powerpc/platforms/powernv/opal.c",
        loop_top("kopald"),
    ),
    accepted("s390-cmm-top", "compiled for s390", "arch/s390/mm/cmm.c", loop_top("cmm_thread")),
    accepted(
        "ksmbd-top",
        "transport_tcp.c and transport_rdma.c start it, connection.c has it",
        "fs/smb/server/connection.c",
        loop_top("ksmbd_conn_handler_loop"),
    ),
    accepted(
        "jfs-io-top",
        "super.c starts it; the top of its do loop is before the lock",
        "fs/jfs/jfs_logmgr.c",
        loop_top("jfsIOWait"),
    ),
    accepted("gfs2-logd-top", "ops_fstype.c starts it", "fs/gfs2/log.c", loop_top("gfs2_logd")),
    accepted(
        "rescuer-goto-loop",
        "its loop is made with `goto repeat`, and is one for all that; no lock is held there",
        "kernel/workqueue.c",
        behind("rescuer_thread", "repeat:"),
    ),
    accepted(
        "kjournald2-unlocked",
        "a loop made with goto too; the lock is let go of for the sleep alone",
        "fs/jbd2/journal.c",
        before("kjournald2", "schedule();"),
    ),
)

# The same threads, at places that are wrong in them.
PLACES = (
    misplaced(
        "khugepaged-before",
        "",
        "mm/khugepaged.c",
        before_loop("khugepaged"),
        "before its main loop",
    ),
    misplaced(
        "khugepaged-after", "", "mm/khugepaged.c", behind_loop("khugepaged"), "after its main loop"
    ),
    misplaced(
        "x86-ksgxd-before", "", "arch/x86/kernel/cpu/sgx/main.c", before_loop("ksgxd"), "before"
    ),
    misplaced(
        "ksmbd-after",
        "also a thread that another file starts has an after",
        "fs/smb/server/connection.c",
        behind("ksmbd_conn_handler_loop", "out:"),
        "after its main loop",
    ),
    misplaced("rcu-gp-nested", "", "kernel/rcu/tree.c", nested_top("rcu_gp_kthread"), "nested"),
    misplaced(
        "hwrng-nested", "", "drivers/char/hw_random/core.c", nested_top("hwrng_fillfn"), "nested"
    ),
    misplaced(
        "jfs-io-nested",
        "and under the lock also, of which the nested loop says enough",
        "fs/jfs/jfs_logmgr.c",
        nested_top("jfsIOWait"),
        "jfsIOWait",
    ),
    misplaced(
        "work-item",
        "a work item runs in a worker's loop, which is nobody's designated point",
        "net/core/neighbour.c",
        first_statement("neigh_periodic_work"),
        "neigh_periodic_work",
    ),
    misplaced(
        "work-item-of-another-file",
        "backing-dev.c makes it a work item",
        "fs/fs-writeback.c",
        first_statement("wb_workfn"),
        "wb_workfn",
    ),
    misplaced(
        "kthread-work",
        "the work of a kthread_worker: called from the worker's loop in kernel/kthread.c, which "
        "does not make a designated point of each work",
        "kernel/sched/cpufreq_schedutil.c",
        first_statement("sugov_work"),
        "sugov_work",
    ),
    misplaced(
        "ksoftirqd-asked",
        "thread_should_run of a smp_hotplug_thread: asked with preemption off, and no thread_fn",
        "kernel/softirq.c",
        first_statement("ksoftirqd_should_run"),
        "ksoftirqd_should_run",
    ),
    single(
        "riscv-plain",
        "by the name of the 2016 series, with current, where execve() resets a thread",
        "arch/riscv/kernel/process.c",
        first_statement("flush_thread"),
        'klp_patch_task(current); /* want KLP002 error "flush_thread" */',
    ),
)

# Under the loop's own locks, and behind them.
LOCKS = (
    misplaced(
        "oom-reaper-spin",
        "",
        "mm/oom_kill.c",
        behind("oom_reaper", "spin_lock_irq(&oom_reaper_lock)"),
        "under .*oom_reaper_lock",
    ),
    misplaced(
        "kauditd-rcu",
        "",
        "kernel/audit.c",
        behind("kauditd_thread", "rcu_read_lock()"),
        "under .*rcu",
    ),
    misplaced(
        "smpboot-preempt",
        "",
        "kernel/smpboot.c",
        behind("smpboot_thread_fn", "preempt_disable()"),
        "under .*preempt",
    ),
    misplaced(
        "ksm-mutex",
        "",
        "mm/ksm.c",
        behind("ksm_scan_thread", "mutex_lock(&ksm_thread_mutex)"),
        "under .*ksm_thread_mutex",
    ),
    accepted(
        "ksm-unlocked", "", "mm/ksm.c", behind("ksm_scan_thread", "mutex_unlock(&ksm_thread_mutex)")
    ),
    misplaced(
        "audit-tree-mutex",
        "",
        "kernel/audit_tree.c",
        behind("prune_tree_thread", "mutex_lock(&audit_filter_mutex)"),
        "under .*audit_filter_mutex",
    ),
    misplaced(
        "gfs2-rwsem",
        "",
        "fs/gfs2/log.c",
        behind("gfs2_logd", "down_write(&sdp->sd_log_flush_lock)"),
        "under .*down_write",
    ),
    misplaced(
        "hwrng-mutex",
        "",
        "drivers/char/hw_random/core.c",
        behind("hwrng_fillfn", "mutex_lock(&reading_mutex)"),
        "under .*reading_mutex",
    ),
    accepted(
        "hwrng-unlocked",
        "",
        "drivers/char/hw_random/core.c",
        behind("hwrng_fillfn", "mutex_unlock(&reading_mutex)"),
    ),
    misplaced(
        "usb-storage-mutex",
        "",
        "drivers/usb/storage/usb.c",
        behind("usb_stor_control_thread", "mutex_lock(&(us->dev_mutex))"),
        "under .*dev_mutex",
    ),
    accepted(
        "usb-storage-unlocked",
        "locked as &(us->dev_mutex), unlocked as &us->dev_mutex: the same; the `goto SkipForAbort` "
        "into the middle comes by here too",
        "drivers/usb/storage/usb.c",
        before("usb_stor_control_thread", "if (srb) {"),
    ),
    misplaced(
        "xfs-spin",
        "the function's name stands at the beginning of its line",
        "fs/xfs/xfs_trans_ail.c",
        behind("xfsaild", "spin_lock(&ailp->ail_lock)"),
        "under .*ail_lock",
    ),
    accepted(
        "xfs-early-unlock",
        "unlocked on this path alone",
        "fs/xfs/xfs_trans_ail.c",
        before("xfsaild", "schedule();"),
    ),
    accepted(
        "jfs-early-unlock",
        "unlocked on this path alone, and the lock is taken again in the next turn",
        "fs/jfs/jfs_logmgr.c",
        before("jfsIOWait", "schedule();"),
    ),
    misplaced(
        "btrfs-goto-with-mutex",
        "each `goto sleep` lets go of the spin lock, and keeps the mutex",
        "fs/btrfs/disk-io.c",
        behind("transaction_kthread", "sleep:"),
        "under .*transaction_kthread_mutex",
    ),
    accepted(
        "btrfs-mutex-released",
        "",
        "fs/btrfs/disk-io.c",
        behind("transaction_kthread", "mutex_unlock(&fs_info->transaction_kthread_mutex)"),
    ),
    misplaced(
        "btrfs-trylock-taken",
        "who did not get the lock has gone to sleep",
        "fs/btrfs/disk-io.c",
        before("cleaner_kthread", "btrfs_run_delayed_iputs(fs_info)"),
        "under .*cleaner_mutex",
    ),
    accepted(
        "btrfs-trylock-over",
        "all ways that lead to the label have let go of the lock, or never got it",
        "fs/btrfs/disk-io.c",
        behind("cleaner_kthread", "sleep:"),
    ),
    misplaced(
        "powerpc-trylock-branch",
        "",
        "arch/powerpc/platforms/pseries/cmm.c",
        behind("cmm_thread", "if (mutex_trylock(&hotplug_mutex)) {"),
        "under .*hotplug_mutex",
    ),
    accepted(
        "powerpc-trylock-over",
        "the branch without the lock has gone on to the next turn",
        "arch/powerpc/platforms/pseries/cmm.c",
        before("cmm_thread", "cmm_get_mpp()"),
    ),
    misplaced(
        "kjournald2-locked",
        "taken before the loop, and again before each way back to its label",
        "fs/jbd2/journal.c",
        behind("kjournald2", "loop:"),
        "kjournald2",
    ),
    single(
        "guards",
        "held to the end of their block or statement, and no longer",
        "net/bluetooth/rfcomm/core.c",
        loop_top("rfcomm_run"),
        """\
        {
            guard(mutex)(&rfcomm_mutex);
            klp_update_patch_state(current); /* want KLP002 error "under .*mutex" */
        }
        klp_update_patch_state(current); /* ok: KLP002 */
        scoped_guard(mutex, &rfcomm_mutex)
            klp_update_patch_state(current); /* want KLP002 error "under .*mutex" */
        scoped_guard(preempt) {
            schedule_timeout(1);
        }
        klp_update_patch_state(current); /* ok: KLP002 */""",
    ),
    single(
        "guards-rcu",
        "RCU's guard has no argument, and a spin lock's may turn interrupts off",
        "mm/oom_kill.c",
        loop_top("oom_reaper"),
        """\
        scoped_guard(rcu) {
            klp_update_patch_state(current); /* want KLP002 error "under .*rcu" */
        }
        scoped_guard(spinlock_irq, &oom_reaper_lock)
            klp_update_patch_state(current); /* want KLP002 error "under .*lock" */
        klp_update_patch_state(current); /* ok: KLP002 */""",
    ),
    single(
        "goto-out-of-the-lock",
        "one way to the label keeps the lock",
        "kernel/hung_task.c",
        loop_top("watchdog"),
        """\
        rcu_read_lock();
        if (sysctl_hung_task_timeout_secs)
            goto planted_held;
        rcu_read_unlock();
        klp_update_patch_state(current); /* ok: KLP002 */
        rcu_read_lock();
    planted_held:
        klp_update_patch_state(current); /* want KLP002 error "under .*rcu" */
        rcu_read_unlock();""",
    ),
    single(
        "trylock-branches",
        "held in the branch that took it",
        "mm/compaction.c",
        loop_top("kcompactd"),
        """\
        static DEFINE_MUTEX(planted_mutex);

        if (mutex_trylock(&planted_mutex)) {
            klp_update_patch_state(current); /* want KLP002 error "under .*planted_mutex" */
            mutex_unlock(&planted_mutex);
        } else {
            klp_update_patch_state(current); /* ok: KLP002 */
        }
        klp_update_patch_state(current); /* ok: KLP002 */""",
    ),
)

# Functions between the place and the call.
HELPERS = (
    accepted(
        "helper-of-a-loop",
        "static, and called from khugepaged's loop only",
        "mm/khugepaged.c",
        first_statement("khugepaged_wait_work"),
    ),
    accepted(
        "helper-of-a-foreign-thread",
        "static, and called only from the loop of a thread that super.c starts",
        "fs/ubifs/commit.c",
        first_statement("run_bg_commit"),
    ),
    misplaced(
        "helper-of-others-too",
        "kcompactd's loop calls it, and so does who writes to sysfs",
        "mm/compaction.c",
        first_statement("compact_node"),
        "compact_node",
    ),
    misplaced(
        "helper-under-a-lock",
        "called from the thread's loop only, but under its mutex",
        "mm/ksm.c",
        first_statement("ksm_do_scan"),
        "ksm_do_scan",
    ),
    Plant(
        "helper-with-parameter",
        "the place is safe, for the reaper's loop alone calls it; the task that enters is its prey",
        (
            code(
                "mm/oom_kill.c",
                first_statement("oom_reap_task"),
                "klp_update_patch_state(tsk); /* ok: KLP001 */ /* ok: KLP002 */",
            ),
            expected(
                "mm/oom_kill.c",
                "oom_reaper",
                "oom_reap_task(tsk);",
                '/* want KLP001 error "tsk" */',
            ),
        ),
    ),
    Plant(
        "wrapper-of-another-file",
        "checked at its callers, as for the task; not static, so its place is safe by none of them",
        (
            code("drivers/md/md.h", at_end_of_file, "void planted_md(struct task_struct *task);"),
            code(
                "drivers/md/md.c",
                at_end_of_file,
                """\

                void planted_md(struct task_struct *task)
                {
                    klp_update_patch_state(task); /* ok: KLP001 */ \
/* want KLP002 error "planted_md" */
                }""",
            ),
            code(
                "drivers/md/raid1.c",
                first_statement("raid1d"),
                "planted_md(current); /* ok: KLP001 */",
            ),
            code(
                "drivers/md/raid10.c",
                first_statement("raid10d"),
                'planted_md(thread->tsk); /* want KLP001 error "tsk" */',
            ),
        ),
    ),
    Plant(
        "wrapper-of-wrapper",
        "the wrong task enters two calls and two files away",
        (
            code(
                "mm/internal.h",
                at_end_of_file,
                """\
                void planted_inner(struct task_struct *task);
                void planted_outer(struct task_struct *task);""",
            ),
            code(
                "mm/memory.c",
                at_end_of_file,
                """\

                void planted_inner(struct task_struct *task)
                {
                    klp_update_patch_state(task); /* ok: KLP001 */ \
/* want KLP002 error "planted_inner" */
                }""",
            ),
            code(
                "mm/mmap.c",
                at_end_of_file,
                """\

                void planted_outer(struct task_struct *who)
                {
                    planted_inner(who); /* ok: KLP001 */
                }""",
            ),
            code(
                "mm/mremap.c",
                at_end_of_file,
                """\

                void planted_right(void)
                {
                    planted_outer(current); /* ok: KLP001 */
                }""",
            ),
            code(
                "mm/madvise.c",
                at_end_of_file,
                """\

                void planted_wrong(struct mm_struct *mm)
                {
                    planted_outer(current->group_leader); /* want KLP001 error "group_leader" */
                }""",
            ),
        ),
    ),
    Plant(
        "inline-without-parameter",
        "a static inline of a header that only loops of threads call is as safe as they are",
        (
            code(
                "include/linux/freezer.h",
                at_end_of_file,
                """\
                static inline void planted_checkpoint(void)
                {
                    klp_update_patch_state(current); /* ok: KLP002 */
                }
                """,
            ),
            code("kernel/audit.c", loop_top("kauditd_thread"), "planted_checkpoint();"),
            code("mm/compaction.c", loop_top("kcompactd"), "planted_checkpoint();"),
        ),
    ),
    Plant(
        "inline-with-parameter",
        "right in the thread's loop; the queue's function neither has the task nor is the place",
        (
            code(
                "drivers/usb/storage/usb.h",
                at_end_of_file,
                """\
                static inline void planted_nudge(struct task_struct *task)
                {
                    klp_update_patch_state(task); /* ok: KLP001 */ \
/* want KLP002 error "planted_nudge" */
                }
                """,
            ),
            code(
                "drivers/usb/storage/usb.c",
                loop_top("usb_stor_control_thread"),
                "planted_nudge(current); /* ok: KLP001 */",
            ),
            code(
                "drivers/usb/storage/scsiglue.c",
                first_statement("queuecommand_lck"),
                'planted_nudge(current->real_parent); /* want KLP001 error "real_parent" */',
            ),
        ),
    ),
    Plant(
        "macro-of-a-header",
        "checked where it is used, in two drivers",
        (
            code(
                "include/linux/hw_random.h",
                at_end_of_file,
                "#define PLANTED_SWITCH(task) klp_update_patch_state(task) /* ok: KLP001 */",
            ),
            code(
                "drivers/char/hw_random/core.c",
                loop_top("hwrng_fillfn"),
                "PLANTED_SWITCH(current); /* ok: KLP001 */ /* ok: KLP002 */",
            ),
            code(
                "drivers/char/hw_random/virtio-rng.c",
                first_statement("virtio_read"),
                """\
                PLANTED_SWITCH(current->real_parent); /* want KLP001 error "real_parent" */ \
/* want KLP002 error "virtio_read" */""",
            ),
        ),
    ),
    single(
        "address-of-wrapper",
        "who calls through the pointer, and with which task, cannot be reported",
        "kernel/fork.c",
        at_end_of_file,
        """\

        static void planted_indirect(struct task_struct *task)
        {
            klp_update_patch_state(task); /* want KLP001 error "task" */ \
/* want KLP002 error "planted_indirect" */
        }

        void (*planted_hook)(struct task_struct *task) = planted_indirect;""",
    ),
    single(
        "address-taken",
        "what is done with the address cannot be followed",
        "fs/exec.c",
        at_end_of_file,
        """\

        void (*planted_switch)(struct task_struct *) =
            klp_update_patch_state; /* want KLP005 warning "klp_update_patch_state" */

        void *planted_address(void)
        {
            return &klp_update_patch_state; /* want KLP005 warning "klp_update_patch_state" */
        }""",
    ),
)

# How a function comes to run: not only by kthread_run(), and perhaps in several ways.
WAYS = (
    accepted(
        "ksoftirqd-turn",
        "thread_fn of a smp_hotplug_thread: smpboot_thread_fn() calls it in its loop, unlocked",
        "kernel/softirq.c",
        first_statement("run_ksoftirqd"),
    ),
    misplaced(
        "ksoftirqd-irqs-off",
        "ksoftirqd_run_begin() of the same file turns interrupts off",
        "kernel/softirq.c",
        behind("run_ksoftirqd", "ksoftirqd_run_begin()"),
        "under .*ksoftirqd_run_begin",
    ),
    accepted(
        "cpuhp-turn",
        "another one, which locks nothing at its beginning",
        "kernel/cpu.c",
        first_statement("cpuhp_thread_fun"),
    ),
    misplaced(
        "vhost-turn-also-called",
        "vhost_task_fn() loops around it, but vhost_worker_killed() calls it, too, with a mutex",
        "drivers/vhost/vhost.c",
        before("vhost_run_work_list", "node = llist_del_all"),
        "vhost_worker_killed",
    ),
    misplaced(
        "vhost-between-works",
        "one work is done, the next is not",
        "drivers/vhost/vhost.c",
        before("vhost_run_work_list", "work->fn(work)"),
        "in a loop of vhost_run_work_list",
    ),
    accepted("io-worker-top", "create_io_thread()", "io_uring/io-wq.c", loop_top("io_wq_worker")),
    accepted(
        "kthreadd-top",
        "kernel_thread() of init/main.c makes it a thread",
        "kernel/kthread.c",
        loop_top("kthreadd"),
    ),
    accepted(
        "torture-top",
        "a macro of torture.h passes it to a function of torture.c, and that to kthread_create()",
        "kernel/locking/locktorture.c",
        loop_top("lock_torture_writer"),
    ),
    accepted("irq-thread-top", "the thread itself", "kernel/irq/manage.c", loop_top("irq_thread")),
    misplaced(
        "irq-thread-function",
        "what that thread calls for a device",
        "drivers/base/regmap/regmap-irq.c",
        first_statement("regmap_irq_thread"),
        "an interrupt's thread function",
    ),
    misplaced(
        "notifier",
        "a panic's notifier",
        "kernel/hung_task.c",
        first_statement("hung_task_panic"),
        "a notifier's function",
    ),
    Plant(
        "thread-called-directly",
        "who mounts would run the thread's function, too",
        (
            code(
                "fs/ext4/super.c",
                loop_top("ext4_lazyinit_thread"),
                'klp_update_patch_state(current); /* want KLP002 error "planted_lazyinit" */',
            ),
            code(
                "fs/ext4/super.c",
                at_end_of_file,
                """
                int planted_lazyinit(struct ext4_lazy_init *eli)
                {
                    return ext4_lazyinit_thread(eli);
                }""",
            ),
        ),
    ),
    Plant(
        "shared-thread-called-directly",
        "it is not static, and another file calls it",
        (
            code(
                "fs/nfsd/nfs4state.c",
                at_end_of_file,
                """
                int planted_shared_thread(void *data)
                {
                    while (!kthread_should_stop()) {
                        schedule();
                        klp_update_patch_state(current); /* want KLP002 error "nfsctl.c" */
                    }
                    return 0;
                }

                struct task_struct *planted_shared_start(void)
                {
                    return kthread_run(planted_shared_thread, NULL, "planted");
                }""",
            ),
            code(
                "fs/nfsd/nfsctl.c",
                at_end_of_file,
                """
                int planted_shared_thread(void *data);

                int planted_shared_call(void *data)
                {
                    return planted_shared_thread(data);
                }""",
            ),
        ),
    ),
    single(
        "thread-with-the-loop-elsewhere",
        "the thread does nothing but call the loop; the other one holds a mutex around it",
        "kernel/kcov.c",
        at_end_of_file,
        """
        static DEFINE_MUTEX(planted_mutex);

        static void planted_loop(void *data)
        {
            while (!kthread_should_stop()) {
                schedule();
                klp_update_patch_state(current); /* ok: KLP002 */
            }
        }

        static int planted_thread(void *data)
        {
            planted_loop(data);
            return 0;
        }

        static void planted_locked_loop(void *data)
        {
            while (!kthread_should_stop())
                klp_update_patch_state(current); /* want KLP002 error "under mutex_lock" */
        }

        static int planted_locked_thread(void *data)
        {
            mutex_lock(&planted_mutex);
            planted_locked_loop(data);
            mutex_unlock(&planted_mutex);
            return 0;
        }

        static int (*const planted_threads[])(void *) = { planted_thread, planted_locked_thread };

        struct task_struct *planted_start(int which)
        {
            return kthread_create(planted_threads[which], NULL, "planted");
        }""",
    ),
    single(
        "nested-without-a-loop-to-see",
        "the condition of wait_event() is asked again and again, and so is what goto goes back to",
        "kernel/audit_tree.c",
        loop_top("prune_tree_thread"),
        """        static DECLARE_WAIT_QUEUE_HEAD(planted_queue);

        wait_event(planted_queue, ({
            klp_update_patch_state(current); /* want KLP002 error "nested" */
            kthread_should_stop();
        }));
    planted_again:
        klp_update_patch_state(current); /* want KLP002 error "nested" */
        if (!list_empty(&prune_list))
            goto planted_again;
        klp_update_patch_state(current); /* ok: KLP002 */""",
    ),
    single(
        "early-delays",
        "the loop in which the thread runs comes later",
        "fs/xfs/xfs_trans_ail.c",
        first_statement("xfsaild"),
        """        for (int planted = 0; planted < 3; planted++) {
            schedule_timeout_uninterruptible(1);
            klp_update_patch_state(current); /* want KLP002 error "before its main loop" */
        }""",
    ),
)

# Known locations excuse the place, not what is around it there.
KNOWN = (
    single(
        "idle-polling-loop",
        "the loop in do_idle() only polls: the idle loop is around do_idle()",
        "kernel/sched/idle.c",
        loop_top("do_idle"),
        """        rcu_read_lock();
        klp_update_patch_state(current); /* want KLP002 error "in a loop of do_idle" */
        rcu_read_unlock();""",
    ),
    single(
        "idle-under-locks",
        "preemption is off there by design, but nothing else is held",
        "kernel/sched/idle.c",
        before("do_idle", "schedule_idle();"),
        """        preempt_disable();
        klp_update_patch_state(current); /* ok: KLP002 */
        preempt_enable();
        rcu_read_lock();
        klp_update_patch_state(current); /* want KLP002 error "in do_idle\\(\\), but under rcu" */
        rcu_read_unlock();
        klp_update_patch_state(current); /* ok: KLP002 */""",
    ),
    single(
        "exit-to-user-under-locks",
        "the loop is the place; a loop in it, RCU and disabled preemption are not",
        "kernel/entry/common.c",
        behind("exit_to_user_mode_loop", "schedule();"),
        """        klp_update_patch_state(current); /* ok: KLP002 */
        rcu_read_lock();
        klp_update_patch_state(current); /* want KLP002 error "under rcu_read_lock" */
        rcu_read_unlock();
        preempt_disable();
        klp_update_patch_state(current); /* want KLP002 error "under preempt_disable" */
        preempt_enable();
        while (need_resched())
            klp_update_patch_state(current); /* want KLP002 error "in a loop of exit_to_user" */""",
    ),
    single(
        "powerpc-exit-under-a-lock",
        "the loop is in the caller",
        "arch/powerpc/kernel/signal.c",
        first_statement("do_notify_resume"),
        """        rcu_read_lock();
        klp_update_patch_state(current); /* want KLP002 error "under rcu_read_lock" */
        rcu_read_unlock();
        klp_update_patch_state(current); /* ok: KLP002 */""",
    ),
)

# KLP006: test, sleep and switch stand on one line, so that any of them may bear the finding.
SLEEPS = (
    single(
        "sleep-between",
        "rescheduled between the test and the switch; before the test it does no harm",
        "net/core/pktgen.c",
        loop_top("pktgen_thread_worker"),
        """\
        cond_resched();
        if (klp_patch_pending(current)) {
            cond_resched(); klp_update_patch_state(current); \
/* want KLP006 warning "cond_resched" */
        }
        if (klp_patch_pending(current))
            klp_update_patch_state(current); /* ok: KLP006 */""",
    ),
    single(
        "sleep-in-a-function",
        "khugepaged_wait_work() of the same file waits for an event",
        "mm/khugepaged.c",
        loop_top("khugepaged"),
        """\
        if (klp_patch_pending(current)) {
            khugepaged_wait_work(); klp_update_patch_state(current); \
/* want KLP006 warning "khugepaged_wait_work" */
        }""",
    ),
)

IN_6_12 = (*TASKS, *LOOPS, *PLACES, *LOCKS, *HELPERS, *WAYS, *KNOWN, *SLEEPS)

_VHOST = "drivers/vhost/vhost.c"
IN_6_1 = (
    accepted(
        "vhost-top",
        "kthread_create() in the same file; what each work item needs is locked by its function",
        _VHOST,
        loop_top("vhost_worker"),
    ),
    single(
        "vhost-locked",
        "the device's mutex, which its owner takes to stop the worker",
        _VHOST,
        loop_top("vhost_worker"),
        """\
        mutex_lock(&dev->mutex);
        klp_update_patch_state(current); /* want KLP002 error "under .*dev->mutex" */
        mutex_unlock(&dev->mutex);
        klp_update_patch_state(current); /* ok: KLP002 */""",
    ),
    misplaced(
        "vhost-nested", "between two work items", _VHOST, nested_top("vhost_worker"), "nested"
    ),
    misplaced("vhost-before", "", _VHOST, before_loop("vhost_worker"), "before"),
    misplaced("vhost-after", "", _VHOST, behind_loop("vhost_worker"), "after"),
)
