package io.tandem.weights;

import io.tandem.weights.CheckpointFindings.Guesses;
import io.tandem.weights.InceptionLayers.Layer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds the network behind FID in a checkpoint, whichever tool it was made for.
 *
 * <p>Known are the state dict under torchvision's names ({@code
 * pt_inception-2015-12-05-6726825d.pth} and what was converted from it) and the tensors of NVIDIA's
 * TorchScript file ({@code inception-2015-12-05.pt}), whose names are those of the graph and which
 * has no gamma, for all of them are 1. Which of the two it is, is told by the tensors.
 */
public final class InceptionCheckpoint {

  private static final Pattern STATE_DICT =
      Pattern.compile(
          "(Conv2d_[1-4][ab]_[13]x[13]|Mixed_[5-7][a-e]\\.branch\\w+)\\.(conv|bn)\\.\\w+");

  private static final Pattern GRAPH =
      Pattern.compile("layers\\.(conv|mixed)(_[0-9]+)?(\\.\\w+)*\\.(weight|beta|mean|var)");

  /** Outputs of the network that torchvision offers itself. */
  private static final long TORCHVISION_CLASSES = 1000;

  /** Ways to name the tensors. */
  private enum Naming {
    STATE_DICT("as a state dict of torchvision's names"),
    GRAPH("as in NVIDIA's TorchScript file");

    private final String words;

    Naming(String words) {
      this.words = words;
    }
  }

  /**
   * What a checkpoint tells.
   *
   * @param findings how the tensors differ from those of the network
   * @param description the network in words
   */
  record Reading(CheckpointFindings findings, String description) {}

  private InceptionCheckpoint() {}

  /**
   * Returns the tensors of the network in {@code source} under torchvision's names, in the order of
   * the network's definition, and no others. Closing it closes {@code source}.
   *
   * @throws io.tandem.base.UserError if it holds no such network, or listing all tensors that are
   *     missing, extra or misshapen
   */
  public static WeightSource canonical(WeightSource source) {
    CheckpointKind.INCEPTION.require(source);
    Reading reading = reading(source);
    reading.findings.require(CheckpointKind.INCEPTION, source, reading.description);
    return new InceptionTensors(source, shapes(Naming.STATE_DICT), names(naming(source)));
  }

  /** Returns the shapes of the network's tensors under torchvision's names. */
  public static Map<String, List<Long>> shapes() {
    return shapes(Naming.STATE_DICT);
  }

  /** Returns what {@code source} tells, without complaint. */
  static Reading reading(WeightSource source) {
    Naming naming = naming(source);
    CheckpointFindings findings =
        CheckpointFindings.compare(source, shapes(naming), new Guesses(Set.of(), List.of()));
    return new Reading(findings, description(source, naming));
  }

  /** Returns whether {@code name} is one of this network's. */
  static boolean isKnown(String name) {
    return STATE_DICT.matcher(name).matches() || GRAPH.matcher(name).matches();
  }

  private static Naming naming(WeightSource source) {
    long graph = source.names().stream().filter(name -> GRAPH.matcher(name).matches()).count();
    long dict = source.names().stream().filter(name -> STATE_DICT.matcher(name).matches()).count();
    return graph > dict ? Naming.GRAPH : Naming.STATE_DICT;
  }

  private static Map<String, List<Long>> shapes(Naming naming) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    for (Layer layer : InceptionLayers.ALL) {
      List<Long> channels = List.of(layer.channels());
      if (naming == Naming.GRAPH) {
        shapes.put(layer.graphName() + ".weight", layer.shape());
        shapes.put(layer.graphName() + ".beta", channels);
        shapes.put(layer.graphName() + ".mean", channels);
        shapes.put(layer.graphName() + ".var", channels);
      } else {
        shapes.put(layer.name() + ".conv.weight", layer.shape());
        shapes.put(layer.name() + ".bn.weight", channels);
        shapes.put(layer.name() + ".bn.bias", channels);
        shapes.put(layer.name() + ".bn.running_mean", channels);
        shapes.put(layer.name() + ".bn.running_var", channels);
      }
    }
    String head = head(naming);
    shapes.put(head + ".weight", List.of(InceptionLayers.CLASSES, InceptionLayers.FEATURES));
    shapes.put(head + ".bias", List.of(InceptionLayers.CLASSES));
    return shapes;
  }

  /** Returns how a source names the tensors, by torchvision's names; not those that it lacks. */
  private static Map<String, String> names(Naming naming) {
    Map<String, String> names = new LinkedHashMap<>();
    if (naming == Naming.STATE_DICT) {
      shapes(naming).keySet().forEach(name -> names.put(name, name));
      return names;
    }
    for (Layer layer : InceptionLayers.ALL) {
      names.put(layer.name() + ".conv.weight", layer.graphName() + ".weight");
      names.put(layer.name() + ".bn.bias", layer.graphName() + ".beta");
      names.put(layer.name() + ".bn.running_mean", layer.graphName() + ".mean");
      names.put(layer.name() + ".bn.running_var", layer.graphName() + ".var");
    }
    names.put("fc.weight", head(naming) + ".weight");
    names.put("fc.bias", head(naming) + ".bias");
    return names;
  }

  private static String head(Naming naming) {
    return naming == Naming.GRAPH ? "output" : "fc";
  }

  private static String description(WeightSource source, Naming naming) {
    boolean isTorchvisions =
        source.names().contains("fc.bias")
            && source.spec("fc.bias").shape().equals(List.of(TORCHVISION_CLASSES));
    return isTorchvisions
        ? "torchvision's own weights of 1000 classes, which no FID is computed with"
        : "Inception v3 of 2015-12-05 with 1008 outputs, " + naming.words;
  }
}
