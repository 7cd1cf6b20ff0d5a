package io.tandem.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Another source with tensors left out, added or replaced by zeros or given bytes. */
final class EditedWeights implements WeightSource {

  private final WeightSource source;
  private final String origin;
  private final Map<String, TensorSpec> specs = new LinkedHashMap<>();
  private final Map<String, ByteBuffer> contents = new LinkedHashMap<>();

  EditedWeights(String origin, WeightSource source) {
    this.origin = origin;
    this.source = source;
    source.names().forEach(name -> specs.put(name, source.spec(name)));
  }

  EditedWeights without(String name) {
    specs.remove(name);
    return this;
  }

  EditedWeights withoutAll(String pattern) {
    specs.keySet().removeIf(name -> name.matches(pattern));
    return this;
  }

  EditedWeights with(TensorSpec spec) {
    return with(spec, ByteBuffer.allocateDirect((int) spec.bytes()));
  }

  EditedWeights with(TensorSpec spec, ByteBuffer content) {
    specs.put(spec.name(), spec);
    contents.put(spec.name(), content.order(ByteOrder.LITTLE_ENDIAN));
    return this;
  }

  @Override
  public String origin() {
    return origin;
  }

  @Override
  public Set<String> names() {
    return specs.keySet();
  }

  @Override
  public TensorSpec spec(String name) {
    return specs.get(name);
  }

  @Override
  public ByteBuffer read(String name) {
    ByteBuffer content = contents.get(name);
    return content == null ? source.read(name) : content.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public long bytes() {
    return source.bytes();
  }

  @Override
  public String sha256() {
    return source.sha256();
  }

  @Override
  public void close() {
    source.close();
  }
}
