package dev.penstock.store.threat.mutant;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.penstock.store.internal.io.PageFaults;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was made when the error of a lost page comes is closed, since its caller never gets it. */
class LatePageLossTest {

    private static final Patch LATE = Patch.first(
            PageFaults.class,
            "deliver",
            code -> code.invokestatic(
                    ClassDesc.of(LatePageLoss.class.getName()),
                    "beforeDelivery",
                    MethodTypeDesc.of(ConstantDescs.CD_void)));

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"opening", "snapshot", "stream"})
    void whatIsMadeIsClosed(String made) throws Throwable {
        Class<?> loaded = new PatchingLoader(List.of(LATE)).loadClass(LatePageLoss.class.getName());
        assertNotEquals(LatePageLoss.class, loaded);
        Method method = loaded.getDeclaredMethod(made, Path.class);
        method.setAccessible(true);
        try {
            method.invoke(null, directory);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
