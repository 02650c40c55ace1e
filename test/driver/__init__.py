"""What the suites of test/clients, test/crash and bench share: the server as a process, spans
made by a generator, and answers as multisets that can be compared."""
