/**
 * File systems of Hadoop that users' addresses are of.
 *
 * <p>Knows neither Spark nor what is in the files. Start at {@link io.tandem.store.FileSystems}.
 */
package io.tandem.store;
