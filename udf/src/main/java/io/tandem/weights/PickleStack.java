package io.tandem.weights;

import java.util.ArrayList;
import java.util.List;

/** The operand stack of the pickle machine, with its marks. */
final class PickleStack {

  private final List<Object> values = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final PickleInput input;

  PickleStack(PickleInput input) {
    this.input = input;
  }

  void push(Object value) {
    values.add(value);
  }

  void mark() {
    marks.add(values.size());
  }

  Object pop() {
    Object top = top();
    values.remove(values.size() - 1);
    return top;
  }

  Object top() {
    int floor = marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    if (values.size() <= floor) {
      throw input.damaged("an operand is missing");
    }
    return values.get(values.size() - 1);
  }

  /** Returns the top value, which must be a {@code type}. */
  <T> T top(Class<T> type) {
    Object top = top();
    if (!type.isInstance(top)) {
      throw input.damaged("an operand has the wrong type");
    }
    return type.cast(top);
  }

  /** Removes and returns the values above the last mark, and the mark. */
  List<Object> popToMark() {
    if (marks.isEmpty()) {
      throw input.damaged("a mark is missing");
    }
    List<Object> above = values.subList(marks.remove(marks.size() - 1), values.size());
    List<Object> popped = new ArrayList<>(above);
    above.clear();
    return popped;
  }

  /** Removes and returns the last {@code count} values, in the order in which they were pushed. */
  List<Object> pop(int count) {
    List<Object> popped = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      popped.add(0, pop());
    }
    return popped;
  }
}
