package io.tandem.registry;

import io.tandem.model.ScaleSchedule;
import io.tandem.transformer.VarTransformer;
import io.tandem.vq.Tokenizer;

/** Loads single models. The caller closes what it gets. */
public interface ModelLoader {

  /**
   * Loads a transformer of {@code request}.
   *
   * @throws WrongWeightsException if the weights are not those of the digest
   * @throws io.tandem.base.UserError if {@code file} cannot be opened or holds no transformer
   */
  VarTransformer transformer(ModelFile file, ModelRequest request);

  /**
   * Loads the tokeniser of {@code request} for images of these scales; throws as {@link
   * #transformer} does.
   */
  Tokenizer tokeniser(ModelRequest request, ScaleSchedule schedule);
}
