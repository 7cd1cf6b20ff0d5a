package io.tandem.weights;

import java.util.ArrayList;
import java.util.List;

/**
 * The convolutions of the network behind FID, in the order of its definition, under both names that
 * files give them.
 *
 * @see <a href="https://github.com/mseitzer/pytorch-fid/blob/b9c1811/src/pytorch_fid/inception.py">
 *     pytorch-fid, fid_inception_v3</a>
 */
final class InceptionLayers {

  /** Numbers in a feature vector. */
  static final long FEATURES = 2048;

  /** Outputs of the classifier. */
  static final long CLASSES = 1008;

  /**
   * A convolution without bias and the normalisation after it.
   *
   * @param name torchvision's, such as {@code Mixed_5b.branch5x5_1}
   * @param graphName TensorFlow's, as NVIDIA's file has it, such as {@code layers.mixed.tower.conv}
   * @param shape of its weights: output channels, input channels, height, width
   */
  record Layer(String name, String graphName, List<Long> shape) {

    /** Returns the number of output channels. */
    long channels() {
      return shape.get(0);
    }
  }

  /** All 94. */
  static final List<Layer> ALL = List.copyOf(new InceptionLayers().all());

  private final List<Layer> layers = new ArrayList<>();
  private String block = "";
  private String graphBlock = "";

  private InceptionLayers() {}

  private List<Layer> all() {
    block("", "layers");
    add("Conv2d_1a_3x3", "conv", 32, 3, 3, 3);
    add("Conv2d_2a_3x3", "conv_1", 32, 32, 3, 3);
    add("Conv2d_2b_3x3", "conv_2", 64, 32, 3, 3);
    add("Conv2d_3b_1x1", "conv_3", 80, 64, 1, 1);
    add("Conv2d_4a_3x3", "conv_4", 192, 80, 3, 3);
    blockA("Mixed_5b", "mixed", 192, 32);
    blockA("Mixed_5c", "mixed_1", 256, 64);
    blockA("Mixed_5d", "mixed_2", 288, 64);
    blockB("Mixed_6a", "mixed_3", 288);
    blockC("Mixed_6b", "mixed_4", 128);
    blockC("Mixed_6c", "mixed_5", 160);
    blockC("Mixed_6d", "mixed_6", 160);
    blockC("Mixed_6e", "mixed_7", 192);
    blockD("Mixed_7a", "mixed_8", 768);
    blockE("Mixed_7b", "mixed_9", 1280);
    blockE("Mixed_7c", "mixed_10", 2048);
    return layers;
  }

  private void blockA(String name, String graphName, long inputs, long pooled) {
    block(name + ".", "layers." + graphName);
    add("branch1x1", "conv", 64, inputs, 1, 1);
    add("branch5x5_1", "tower.conv", 48, inputs, 1, 1);
    add("branch5x5_2", "tower.conv_1", 64, 48, 5, 5);
    add("branch3x3dbl_1", "tower_1.conv", 64, inputs, 1, 1);
    add("branch3x3dbl_2", "tower_1.conv_1", 96, 64, 3, 3);
    add("branch3x3dbl_3", "tower_1.conv_2", 96, 96, 3, 3);
    add("branch_pool", "tower_2.conv", pooled, inputs, 1, 1);
  }

  private void blockB(String name, String graphName, long inputs) {
    block(name + ".", "layers." + graphName);
    add("branch3x3", "conv", 384, inputs, 3, 3);
    add("branch3x3dbl_1", "tower.conv", 64, inputs, 1, 1);
    add("branch3x3dbl_2", "tower.conv_1", 96, 64, 3, 3);
    add("branch3x3dbl_3", "tower.conv_2", 96, 96, 3, 3);
  }

  private void blockC(String name, String graphName, long middle) {
    block(name + ".", "layers." + graphName);
    add("branch1x1", "conv", 192, 768, 1, 1);
    add("branch7x7_1", "tower.conv", middle, 768, 1, 1);
    add("branch7x7_2", "tower.conv_1", middle, middle, 1, 7);
    add("branch7x7_3", "tower.conv_2", 192, middle, 7, 1);
    add("branch7x7dbl_1", "tower_1.conv", middle, 768, 1, 1);
    add("branch7x7dbl_2", "tower_1.conv_1", middle, middle, 7, 1);
    add("branch7x7dbl_3", "tower_1.conv_2", middle, middle, 1, 7);
    add("branch7x7dbl_4", "tower_1.conv_3", middle, middle, 7, 1);
    add("branch7x7dbl_5", "tower_1.conv_4", 192, middle, 1, 7);
    add("branch_pool", "tower_2.conv", 192, 768, 1, 1);
  }

  private void blockD(String name, String graphName, long inputs) {
    block(name + ".", "layers." + graphName);
    add("branch3x3_1", "tower.conv", 192, inputs, 1, 1);
    add("branch3x3_2", "tower.conv_1", 320, 192, 3, 3);
    add("branch7x7x3_1", "tower_1.conv", 192, inputs, 1, 1);
    add("branch7x7x3_2", "tower_1.conv_1", 192, 192, 1, 7);
    add("branch7x7x3_3", "tower_1.conv_2", 192, 192, 7, 1);
    add("branch7x7x3_4", "tower_1.conv_3", 192, 192, 3, 3);
  }

  private void blockE(String name, String graphName, long inputs) {
    block(name + ".", "layers." + graphName);
    add("branch1x1", "conv", 320, inputs, 1, 1);
    add("branch3x3_1", "tower_conv", 384, inputs, 1, 1);
    add("branch3x3_2a", "tower_mixed_conv", 384, 384, 1, 3);
    add("branch3x3_2b", "tower_mixed_conv_1", 384, 384, 3, 1);
    add("branch3x3dbl_1", "tower_1_conv", 448, inputs, 1, 1);
    add("branch3x3dbl_2", "tower_1_conv_1", 384, 448, 3, 3);
    add("branch3x3dbl_3a", "tower_1_mixed_conv", 384, 384, 1, 3);
    add("branch3x3dbl_3b", "tower_1_mixed_conv_1", 384, 384, 3, 1);
    add("branch_pool", "tower_2_conv", 192, inputs, 1, 1);
  }

  private void block(String prefix, String graphPrefix) {
    block = prefix;
    graphBlock = graphPrefix;
  }

  private void add(
      String name, String graphName, long outputs, long inputs, long height, long width) {
    layers.add(
        new Layer(
            block + name, graphBlock + "." + graphName, List.of(outputs, inputs, height, width)));
  }
}
