import Foundation
import Testing

@Suite("Stories below Tests/Scenarios")
struct ScenarioTests {
  @Test("comes out as told", arguments: StoryFiles.names)
  func story(_ name: String) async throws {
    do {
      try await StoryRunner.run(StoryFiles.story(name))
    } catch let error as StoryError {
      Issue.record("\(error)", sourceLocation: error.location)
    }
  }

  @Test("comes out the same where the kernel debounces, as with libgpiod 2", arguments: StoryFiles.names)
  func storyDebouncedByKernel(_ name: String) async throws {
    do {
      var story = try StoryFiles.story(name)
      if story.kernel.mustLeaveBounce { return }
      story.kernel.isDebouncing = true
      try await StoryRunner.run(story)
    } catch let error as StoryError {
      Issue.record("\(error)", sourceLocation: error.location)
    }
  }

  @Test("the stories are numbered without a gap, and each number is used once")
  func numbers() {
    let numbers = StoryFiles.names.map { Int($0.prefix { $0.isNumber }) ?? 0 }
    #expect(numbers == Array(1...max(1, StoryFiles.names.count)))
    #expect(StoryFiles.names.count >= 25)
  }

  @Test("each complaint of the field has a story that says so", arguments: 1...6)
  func complaint(_ number: Int) throws {
    let stories = try StoryFiles.names.map(StoryFiles.story)
    #expect(stories.contains { story in story.reasons.contains { $0.contains("Complaint \(number) of the field") } })
  }
}

extension StoryError {
  /// The line of the story.
  var location: SourceLocation {
    SourceLocation(
      fileID: "Scenarios/\(story)", filePath: StoryFiles.directory.appendingPathComponent(story).path,
      line: max(1, line), column: 1)
  }
}
