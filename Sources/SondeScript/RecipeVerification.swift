internal import SondeCraft
internal import SondeHeaders

// Recipes are tried with values like those that their variables will have.
extension ScenarioReader {
  /// A recipe that is sent: a number that has no value yet is drawn.
  mutating func verify(sent recipe: OpenRecipe, _ line: LineReader) throws(ScenarioError) {
    let mentions = try mentions(of: recipe, line)
    // What is drawn is there for the sums, wherever they stand.
    var drawn: Set<OpenRecipe.Mention> = []
    for mention in mentions {
      guard let name = mention.term.variable, !variables.has(name) else { continue }
      guard name != RecipeTerm.anything else {
        throw error(recipe, mention, line, "$_ takes a value and has none to send", "name a variable, or leave it out")
      }
      guard mention.isWhole, mention.field?.isDrawn == true else {
        throw missing(name, recipe, mention, line, "it is no number that could be drawn: set it before")
      }
      variables.set(name, to: .number(0), line: line.line, column: recipe.column(of: mention))
      drawn.insert(mention)
    }
    for mention in mentions where !drawn.contains(mention) { try use(mention, recipe, line) }
  }

  /// A recipe that is looked for.
  ///
  /// - Parameter takes: whether variables that have no value take the one that is seen.
  mutating func verify(seen recipe: OpenRecipe, _ line: LineReader, takes: Bool = true) throws(ScenarioError) {
    for mention in try mentions(of: recipe, line) {
      guard let name = mention.term.variable, !variables.has(name) else {
        try use(mention, recipe, line)
        continue
      }
      if name == RecipeTerm.anything { continue }
      guard takes else { throw missing(name, recipe, mention, line, "what must not come sets no variable") }
      guard mention.isWhole || mention.field?.form == .structured else {
        throw missing(name, recipe, mention, line, "a range or a list takes no value")
      }
      let sample = OpenRecipe.sample(mention.field?.form == .structured ? .number : mention.field?.form)
      variables.set(name, to: sample, line: line.line, column: recipe.column(of: mention))
    }
    do throws(RecipeError) {
      let variables = variables
      _ = try recipe.pattern { variables.sample($0, $1) }
    } catch {
      throw ScenarioError(error, line: line.line)
    }
  }

  private func mentions(
    of recipe: OpenRecipe, _ line: LineReader
  ) throws(ScenarioError) -> [OpenRecipe.Mention] {
    let variables = variables
    do throws(RecipeError) {
      return try recipe.mentions { variables.sample($0, $1) }
    } catch {
      throw ScenarioError(error, line: line.line)
    }
  }

  /// Every variable of a term must have a value, and of a sum a number.
  private mutating func use(
    _ mention: OpenRecipe.Mention, _ recipe: OpenRecipe, _ line: LineReader
  ) throws(ScenarioError) {
    for name in mention.term.variables {
      guard variables.has(name) else { throw missing(name, recipe, mention, line, "nothing has set it") }
      variables.use(name)
    }
  }

  private func missing(
    _ name: String, _ recipe: OpenRecipe, _ mention: OpenRecipe.Mention, _ line: LineReader, _ why: String
  ) -> ScenarioError {
    let advice = variables.nearest(to: name).map { "did you mean $\($0)?" } ?? why
    return error(recipe, mention, line, "the variable $\(name) has no value", advice)
  }

  private func error(
    _ recipe: OpenRecipe, _ mention: OpenRecipe.Mention, _ line: LineReader, _ claim: String, _ advice: String
  ) -> ScenarioError {
    let column = recipe.column(of: mention)
    return ScenarioError(
      line: line.line, column: column,
      message: Suggestion.onOneLine("\(claim) at line \(line.line), column \(column); \(advice)"))
  }
}

extension FieldSpec {
  /// Whether a number is drawn for it where a recipe that is sent names a variable without a value.
  var isDrawn: Bool { form == .number || form == .hexadecimal }
}
