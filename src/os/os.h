// The facade of os: the world outside the process.
//
//   world.h          World, File: the seam for storage, clocks and random numbers
//   real_world.h     the operating system
//   memory_world.h   in memory, with crash clones; for tests
//   faulty_world.h   fails the N-th call; for tests
//   resources.h      memory and cores this process may use (cgroup-aware), its own figures
//   memory_budget.h  tracked memory with a limit
//   thread.h         named threads
//   executor.h       a bounded pool of workers
#pragma once
