package dev.penstock.store.threat.mutant;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A change to one method of a class, made in its bytecode.
 *
 * @param change makes the method another; it counts what it changed
 */
record Patch(Class<?> type, String method, Change change) {

    /** Makes one method another, and adds how many places it changed. */
    interface Change {
        MethodTransform of(MethodModel method, AtomicInteger changes);
    }

    String className() {
        return type.getName();
    }

    byte[] applyTo(byte[] bytes) {
        AtomicInteger changes = new AtomicInteger();
        ClassModel model = ClassFile.of().parse(bytes);
        byte[] patched = ClassFile.of().transformClass(model, (builder, element) -> {
            if (element instanceof MethodModel found && found.methodName().equalsString(method)) {
                builder.transformMethod(found, change.of(found, changes));
            } else {
                builder.with(element);
            }
        });
        if (changes.get() == 0) {
            throw new NoSuchMethodError("nothing to patch in " + className() + "." + method);
        }
        return patched;
    }

    // --- what can be changed ---

    /** The method does only this. */
    static Patch body(Class<?> type, String method, Consumer<CodeBuilder> code) {
        return new Patch(type, method, (_, changes) -> (builder, element) -> {
            if (element instanceof CodeModel) {
                changes.incrementAndGet();
                builder.withCode(code);
            } else {
                builder.with(element);
            }
        });
    }

    /** The method does this first. */
    static Patch first(Class<?> type, String method, Consumer<CodeBuilder> code) {
        return new Patch(
                type,
                method,
                (_, changes) -> MethodTransform.transformingCode(new CodeTransform() {
                    @Override
                    public void atStart(CodeBuilder builder) {
                        changes.incrementAndGet();
                        code.accept(builder);
                    }

                    @Override
                    public void accept(CodeBuilder builder, java.lang.classfile.CodeElement element) {
                        builder.with(element);
                    }
                }));
    }

    /** The method does not make these calls; 0, false or null is what they would have returned. */
    static Patch withoutCall(Class<?> type, String method, String called) {
        return withoutCall(type, method, called, -1);
    }

    /** The method does not make one of these calls. */
    static Patch withoutCall(Class<?> type, String method, String called, int which) {
        return calls(type, method, called, (code, call, number) -> {
            if (which >= 0 && which != number) {
                code.with(call);
                return false;
            }
            List<ClassDesc> parameters = call.typeSymbol().parameterList();
            for (ClassDesc parameter : parameters.reversed()) {
                pop(code, TypeKind.from(parameter));
            }
            if (call.opcode() != Opcode.INVOKESTATIC) {
                code.pop();
            }
            pushNothing(code, TypeKind.from(call.typeSymbol().returnType()));
            return true;
        });
    }

    /** The method calls another of the same class in place of this one. */
    static Patch otherCall(Class<?> type, String method, String called, String other) {
        return calls(type, method, called, (code, call, _) -> {
            code.invoke(call.opcode(), call.owner().asSymbol(), other, call.typeSymbol(), call.isInterface());
            return true;
        });
    }

    /** The method does this before such a call, with the call's arguments on the stack. */
    static Patch beforeCall(Class<?> type, String method, String called, Consumer<CodeBuilder> addition) {
        return calls(type, method, called, (code, call, _) -> {
            addition.accept(code);
            code.with(call);
            return true;
        });
    }

    /** The method has one number in place of another. */
    static Patch otherNumber(Class<?> type, String method, int number, int other) {
        return new Patch(
                type,
                method,
                (_, changes) -> MethodTransform.transformingCode((code, element) -> {
                    if (element instanceof ConstantInstruction constant
                            && constant.constantValue().equals(number)) {
                        changes.incrementAndGet();
                        code.loadConstant(other);
                    } else {
                        code.with(element);
                    }
                }));
    }

    private interface CallChange {
        /** Whether it made a change. */
        boolean make(CodeBuilder code, InvokeInstruction call, int number);
    }

    private static Patch calls(Class<?> type, String method, String called, CallChange change) {
        return new Patch(type, method, (_, changes) -> {
            AtomicInteger seen = new AtomicInteger();
            return MethodTransform.transformingCode((code, element) -> {
                if (!(element instanceof InvokeInstruction call) || !call.name().equalsString(called)) {
                    code.with(element);
                } else if (change.make(code, call, seen.getAndIncrement())) {
                    changes.incrementAndGet();
                }
            });
        });
    }

    private static void pop(CodeBuilder code, TypeKind kind) {
        if (kind.slotSize() == 2) {
            code.pop2();
        } else {
            code.pop();
        }
    }

    private static void pushNothing(CodeBuilder code, TypeKind kind) {
        switch (kind.asLoadable()) {
            case INT -> code.iconst_0();
            case LONG -> code.lconst_0();
            case FLOAT -> code.fconst_0();
            case DOUBLE -> code.dconst_0();
            case REFERENCE -> code.aconst_null();
            default -> {
                // void
            }
        }
    }
}
