/** The penstock command line. */
module dev.penstock.tools {
    requires com.fasterxml.jackson.databind;
    requires dev.penstock.server;
    requires dev.penstock.store;
    requires info.picocli;
    requires me.tongfei.progressbar;

    opens dev.penstock.tools to
            info.picocli,
            com.fasterxml.jackson.databind;
}
