/** Python's built-in exceptions that code raises and a caller may expect. */
export const BUILTIN_ERRORS: ReadonlySet<string> = new Set(
  `ArithmeticError AssertionError AttributeError BaseException BlockingIOError BrokenPipeError BufferError ChildProcessError
  ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError EOFError Exception FileExistsError FileNotFoundError
  FloatingPointError GeneratorExit ImportError IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError
  MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError OverflowError PermissionError ProcessLookupError
  RecursionError ReferenceError RuntimeError StopAsyncIteration StopIteration SystemError SystemExit TimeoutError TypeError
  UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError ValueError ZeroDivisionError`.split(/\s+/),
);

/** Exceptions so common that a linter wants a `match` beside them. */
export const BROAD_ERRORS: ReadonlySet<string> = new Set(['BaseException', 'Exception', 'OSError', 'ValueError']);
