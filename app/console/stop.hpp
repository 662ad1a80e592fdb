// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <functional>
#include <string>
#include <thread>

namespace calor::mpi {
class Comm;
}

namespace calor::app {

// What a signal does to calor.
//
//   TERM INT HUP USR1 USR2 XCPU   `run` and `sweep`, from the first instruction on: asked to stop. What is at
//                                 hand is finished and saved, and the program ends with Exit::stopped; one
//                                 that comes after the last commit changes nothing any more. The third ends
//                                 the process at once. Every other command has nothing to save and keeps what
//                                 the system does: it ends.
//   one of them ignored at start  stays ignored: HUP under nohup, INT in the background of a shell script
//   PIPE XFSZ                     ignored by every command: a write that fails says so by its result. `run`
//                                 and `sweep` go on when nobody listens any more, and run.log has it all;
//                                 where standard output is the product (product.hpp), the end is
//                                 Exit::io_error.
//
// A thread of its own waits for these signals and all others block them: no handler runs in the midst of
// anything, and no system call of a library is interrupted half-way. They stay blocked across exec, so none
// is lost when the program starts itself again. Two that come within a few hundredths of a second are one:
// `timeout` and terminals signal a process and its group.

/// From here on signals that ask to stop wait. To be called first of all; they still wait after exec, and one
/// that came in between is not lost.
void hold_stop_signals();
/// From here on they are heard, and only ask. Again, where a library may have changed who gets them.
void catch_stop_signals();
/// PIPE and XFSZ are ignored, and descriptors 0, 1 and 2, if somebody started us without, refuse every read
/// and write instead of being given to the next file that is opened.
void hold_standard_streams();
/// Name of the last signal that came, or empty. Any rank may have got it; the caller agrees.
std::string stop_signal();
/// Error{stopped} on all ranks if any of them was asked to stop: before anything is written. Collective.
void leave_if_asked(const mpi::Comm& comm);
/// A child between fork and exec gets back what calor was started with: mask and ignored signals.
void restore_signals_of_start();
/// A thread that no signal is delivered to.
std::thread thread_without_signals(std::function<void()> work);

}  // namespace calor::app
