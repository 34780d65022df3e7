/** One thing that keeps a Spec from being followed. */
export interface SpecFinding {
  readonly code: SpecFindingCode;
  /** Where in the Spec, e.g. `C2.from`, `C2.examples[0].then.json.$.x`, `background[1].save.id`; `request` for what is missing. */
  readonly where: string;
  readonly message: string;
  /** What to write instead. */
  readonly instead: string;
}

/** Every code that `lintSpec` gives, with the rule behind it; SPEC.md lists them. */
export const SPEC_FINDINGS = {
  criterion_without_source:
    '`from` is a verbatim quotation of the request: at least three words, two of them with a meaning of their own, or a whole sentence; of at most two sentences.',
  request_not_covered:
    'Every sentence of the request arrives in a criterion or stands in `not_covered`, and what it names arrives too: numbers, names, routes, clauses.',
  not_covered_without_source: '`not_covered` names sentences of the request, and none that a criterion quotes.',
  not_covered_asks: '`not_covered` holds no sentence that names a route or an error’s status.',
  rule_off_source: 'A rule has a word in common with the sentence that it quotes.',
  founded_on_assumption: 'A rule takes its matter from the sentence that it quotes, not from an assumption alone.',
  negation_lost: 'Where the quotation forbids, the rule or an example refuses, leaves out or keeps something.',
  bound_changed: 'A number keeps its bound: `at least 5` does not become `more than 5`.',
  unit_changed: 'A number keeps its unit.',
  id_twice: 'An id is used once.',
  rule_twice: 'Two criteria do not say the same.',
  id_unknown: '`refined_by` and `supersedes` name what the Spec holds.',
  rule_without_shall: 'A rule says what SHALL be.',
  vague_word: 'A rule holds no word that two people would measure differently.',
  no_observable: 'A criterion has an example that shows more than success on a route the base already has.',
  status_not_shown: 'A status that the rule names is shown by an example.',
  nothing_new: 'A criterion is `new` or `changed`.',
  contradiction: 'Two examples do not expect different answers to the same request or call.',
  was_missing: 'A `changed` criterion says what held before.',
  superseded_by_unchanged: 'Only a `changed` criterion supersedes a test.',
  superseded_test_missing: 'A superseded test is a node id in a test file that the base has.',
  not_in_interface: 'What an example calls or expects to be raised is on the base or in `interface`.',
  touchpoint_outside_target: 'A touchpoint stays inside the target.',
  touchpoint_protected: 'A touchpoint is no file that the factory never changes.',
  dependency_not_allowed: 'A Spec asks for no package, unless the settings of the factory allow it.',
  scope_contradicts: '`out_of_scope` does not repeat a criterion, or what a quoted sentence asks for.',
  name_undefined: 'Every `$name` is saved by an earlier step, is a column of the table or a constant.',
  name_twice: 'A name is a column, a saved value or a constant, and no two of them; a constant is defined once.',
  constant_unknown: 'A constant is a value that a module of the base holds, or is in `interface`.',
  constant_unused: 'Every constant is used by an example.',
  fixture_unknown: '`headers_from` names a shared fixture of the target that gives a dict of headers.',
  query_not_flat: 'A query parameter is a scalar or a list of scalars.',
  query_twice: 'The query stands in `query` alone.',
  path_template: 'The path of an example is a real one.',
  path_unreadable: 'A path into the answer can be read.',
  value_never_equal: 'A path with `[*]` is expected to give a list, one that ends with `.length` a number.',
  body_of_no_content: 'An answer without a body is expected to have none.',
  table_uneven: 'All columns of a table have one value a row.',
  table_row_twice: 'No two rows of a table are the same.',
  column_unused: 'Every column of a table is used.',
} as const satisfies Record<string, string>;

export type SpecFindingCode = keyof typeof SPEC_FINDINGS;
