/**
 * Training: the tokeniser, VAR transformers, CoDe's specialised fine-tuning and the demo's feature
 * network, each as a run that can be killed and resumed at any step.
 *
 * <p>Knows data sets, weights and the training kernels; knows neither plans nor decoding, tables or
 * the command line. Start with {@link io.tandem.train.TrainingLoop}, then {@link
 * io.tandem.train.TransformerTraining}.
 */
package io.tandem.train;
