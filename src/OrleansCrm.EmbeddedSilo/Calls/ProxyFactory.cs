using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>Emits, once per interface, a reference class that implements it, and per method a class of calls with typed
/// arguments. So a call allocates its node and its task, boxes nothing and reflects on nothing.</summary>
internal static class ProxyFactory
{
    private const string MethodField = "Method";
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    private static readonly ConcurrentDictionary<Type, Lazy<Func<ReferenceAddress, GrainReference>>> Factories = new();

    private static readonly ModuleBuilder Module = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName("OrleansCrm.EmbeddedSilo.Proxies"), AssemblyBuilderAccess.Run)
        .DefineDynamicModule("Proxies");

    private static readonly HashSet<string> Opened = [];
    private static int _count;

    internal static Func<ReferenceAddress, GrainReference> For(Type interfaceType) =>
        Factories.GetOrAdd(interfaceType, static type => new(() => Emit(type))).Value;

    private static Func<ReferenceAddress, GrainReference> Emit(Type interfaceType)
    {
        if (!interfaceType.IsInterface)
            throw new ArgumentException($"{interfaceType} is not an interface.", nameof(interfaceType));

        lock (Module)
        {
            OpenAssembliesOf(interfaceType);
            var number = ++_count;
            var proxy = Module.DefineType(
                $"{interfaceType.Name}_{number}",
                TypeAttributes.Class | TypeAttributes.Sealed,
                typeof(GrainReference),
                [interfaceType]);
            var factory = DefineFactory(proxy, DefineConstructor(proxy));
            var calls = new List<(TypeBuilder Call, GrainMethod Method)>();
            foreach (var method in MethodsOf(interfaceType))
            {
                var name = $"{interfaceType.Name}_{number}_{method.Name}_{calls.Count}";
                calls.Add((DefineMethod(proxy, method, name), new GrainMethod(method)));
            }

            foreach (var (call, method) in calls)
                call.CreateType().GetField(MethodField)!.SetValue(null, method);
            return proxy.CreateType().GetMethod(factory.Name)!.CreateDelegate<Func<ReferenceAddress, GrainReference>>();
        }
    }

    private static IEnumerable<MethodInfo> MethodsOf(Type interfaceType)
    {
        foreach (var declaring in interfaceType.GetInterfaces().Prepend(interfaceType))
        {
            foreach (var method in declaring.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
            {
                if (!method.IsAbstract)
                    continue;
                if (method.IsSpecialName || method.IsGenericMethod || method.GetParameters().Any(static p => p.ParameterType.IsByRef))
                {
                    throw new NotSupportedException(
                        $"{declaring}.{method.Name}: properties, events, generic methods and references cannot be called.");
                }

                yield return method;
            }
        }
    }

    private static ConstructorBuilder DefineConstructor(TypeBuilder proxy)
    {
        var constructor = proxy.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, [typeof(ReferenceAddress)]);
        var il = constructor.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Call, typeof(GrainReference).GetConstructor([typeof(ReferenceAddress)])!);
        il.Emit(OpCodes.Ret);
        return constructor;
    }

    private static MethodBuilder DefineFactory(TypeBuilder proxy, ConstructorBuilder constructor)
    {
        var factory = proxy.DefineMethod(
            "Create", MethodAttributes.Public | MethodAttributes.Static, typeof(GrainReference), [typeof(ReferenceAddress)]);
        var il = factory.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Newobj, constructor);
        il.Emit(OpCodes.Ret);
        return factory;
    }

    private static TypeBuilder DefineMethod(TypeBuilder proxy, MethodInfo method, string name)
    {
        var (callBase, send) = KindOf(method);
        var arguments = method.GetParameters();
        var call = Module.DefineType(name, TypeAttributes.Class | TypeAttributes.Sealed, callBase);
        var fields = arguments
            .Select((argument, i) => call.DefineField($"Argument{i}", argument.ParameterType, FieldAttributes.Public))
            .ToArray();
        var constructor = call.DefineDefaultConstructor(MethodAttributes.Public);
        DefineInvocation(call, callBase, method, fields);
        DefineMethodProperty(call);
        if (fields.FirstOrDefault(static field => field.FieldType == typeof(CancellationToken)) is { } token)
            OverrideGetter(call, typeof(Call).GetProperty(nameof(Call.Cancellation), Hidden)!, token);

        var implementation = proxy.DefineMethod(
            $"{method.DeclaringType!.FullName}.{method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final |
                MethodAttributes.NewSlot | MethodAttributes.HideBySig,
            method.ReturnType,
            [.. arguments.Select(static argument => argument.ParameterType)]);
        var il = implementation.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Newobj, constructor);
        for (var i = 0; i < fields.Length; i++)
        {
            il.Emit(OpCodes.Dup);
            il.Emit(OpCodes.Ldarg, (short)(i + 1));
            il.Emit(OpCodes.Stfld, fields[i]);
        }

        il.Emit(OpCodes.Call, send);
        il.Emit(OpCodes.Ret);
        proxy.DefineMethodOverride(implementation, method);
        return call;
    }

    private static (Type CallBase, MethodInfo Send) KindOf(MethodInfo method)
    {
        var returned = method.ReturnType;
        if (returned == typeof(void))
            return (typeof(VoidCall), Sender(nameof(GrainReference.SendVoid), null));
        if (returned == typeof(Task))
            return (typeof(TaskCall), Sender(nameof(GrainReference.SendTask), typeof(Nothing)));
        if (returned == typeof(ValueTask))
            return (typeof(ValueTaskCall), Sender(nameof(GrainReference.SendValueTask), null));
        if (returned.IsGenericType && returned.GetGenericArguments() is [var result])
        {
            if (returned.GetGenericTypeDefinition() == typeof(Task<>))
                return (typeof(TaskCall<>).MakeGenericType(result), Sender(nameof(GrainReference.SendTask), result));
            if (returned.GetGenericTypeDefinition() == typeof(ValueTask<>))
                return (typeof(ValueTaskCall<>).MakeGenericType(result), Sender(nameof(GrainReference.SendValueTask), result));
        }

        throw new NotSupportedException($"{method.DeclaringType}.{method.Name}: a grain method returns Task, ValueTask or nothing.");
    }

    private static MethodInfo Sender(string name, Type? result)
    {
        var sender = typeof(GrainReference).GetMethods(Hidden)
            .Single(method => method.Name == name && method.IsGenericMethod == (result is not null));
        return result is null ? sender : sender.MakeGenericMethod(result);
    }

    private static void DefineInvocation(TypeBuilder call, Type callBase, MethodInfo method, FieldBuilder[] fields)
    {
        var overridden = callBase.GetMethod(nameof(TaskCall.InvokeMethod), Hidden)!;
        var il = Override(call, overridden, [typeof(object)]).GetILGenerator();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Castclass, method.DeclaringType!);
        foreach (var field in fields)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, field);
        }

        il.Emit(OpCodes.Callvirt, method);
        il.Emit(OpCodes.Ret);
    }

    private static void DefineMethodProperty(TypeBuilder call)
    {
        var field = call.DefineField(MethodField, typeof(GrainMethod), FieldAttributes.Public | FieldAttributes.Static);
        OverrideGetter(call, typeof(Call).GetProperty(nameof(Call.Method), Hidden)!, field);
    }

    private static void OverrideGetter(TypeBuilder call, PropertyInfo property, FieldBuilder field)
    {
        var il = Override(call, property.GetMethod!, []).GetILGenerator();
        if (field.IsStatic)
        {
            il.Emit(OpCodes.Ldsfld, field);
        }
        else
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, field);
        }

        il.Emit(OpCodes.Ret);
    }

    private static MethodBuilder Override(TypeBuilder type, MethodInfo overridden, Type[] parameters) => type.DefineMethod(
        overridden.Name,
        (overridden.Attributes & MethodAttributes.MemberAccessMask) | MethodAttributes.Virtual | MethodAttributes.HideBySig,
        overridden.ReturnType,
        parameters);

    /// <summary>Lets the emitted code see internal types: ours, and the interfaces and arguments of the caller's assembly.</summary>
    private static void OpenAssembliesOf(Type interfaceType)
    {
        Open(typeof(GrainReference).Assembly);
        foreach (var type in interfaceType.GetInterfaces().Prepend(interfaceType))
        {
            Open(type.Assembly);
            foreach (var method in type.GetMethods())
            {
                OpenType(method.ReturnType);
                foreach (var parameter in method.GetParameters())
                    OpenType(parameter.ParameterType);
            }
        }

        static void OpenType(Type type)
        {
            Open(type.Assembly);
            if (type.HasElementType)
                OpenType(type.GetElementType()!);
            foreach (var argument in type.GetGenericArguments())
                OpenType(argument);
        }

        static void Open(Assembly assembly)
        {
            var name = assembly.GetName().Name!;
            if (Opened.Add(name))
                ((AssemblyBuilder)Module.Assembly).SetCustomAttribute(new CustomAttributeBuilder(
                    typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!, [name]));
        }
    }
}
