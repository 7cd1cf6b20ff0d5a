/**
 * The command line: options, configuration files, commands, exit codes.
 *
 * <p>Commands are thin: they turn options into records, call the packages below and print. Start at
 * {@link io.tandem.cli.Tandem}.
 */
package io.tandem.cli;
