using System.Reflection;
using System.Runtime.CompilerServices;

namespace OrleansCrm.EmbeddedSilo.Tests.EmbeddedOnly;

/// <summary>Prints the public types and members of assemblies, one line each, as the committed extract of Orleans' API has
/// them: fully qualified, overridden members included, default values shown, nullability and most constraints not.</summary>
internal static class ApiList
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    internal static IEnumerable<(string Header, string[] Members)> Of(params Assembly[] assemblies) =>
        from assembly in assemblies
        from type in assembly.GetExportedTypes().OrderBy(static type => type.FullName, StringComparer.Ordinal)
        select (HeaderOf(type), MembersOf(type).Distinct().ToArray());

    private static string HeaderOf(Type type)
    {
        var kind = type switch
        {
            { IsInterface: true } => "interface",
            { IsEnum: true } => "enum",
            { IsValueType: true } => "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var bases = type.GetInterfaces().Select(NameOf);
        if (type is { BaseType: { } parent, IsValueType: false } && parent != typeof(object))
            bases = bases.Prepend(NameOf(parent));
        var list = string.Join(", ", bases.Distinct());
        return $"{kind} {NameOf(type)}{(list.Length > 0 ? " : " + list : "")}";
    }

    private static IEnumerable<string> MembersOf(Type type)
    {
        if (type.IsEnum)
            return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name))}");

        var usage = type.GetCustomAttributesData()
            .FirstOrDefault(static data => data.AttributeType == typeof(AttributeUsageAttribute));
        string[] first = usage is null ? [] : [$"usage {(AttributeTargets)(int)usage.ConstructorArguments[0].Value!}"];
        return first
            .Concat(type.GetConstructors(Declared).Where(IsVisible).Select(static constructor =>
                $"{(constructor.IsPublic ? "" : "protected ")}ctor({ParametersOf(constructor)})"))
            .Concat(type.GetMethods(Declared).Where(static method =>
                IsVisible(method) && !method.IsSpecialName && !method.Name.Contains('.') && !method.Name.Contains('<')).Select(Print))
            .Concat(type.GetProperties(Declared)
                .Where(static property => IsVisible(property.GetMethod) || IsVisible(property.SetMethod)).Select(Print))
            .Concat(type.GetFields(Declared).Where(static field => field.IsPublic || field.IsFamily).Select(static field =>
                $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{NameOf(field.FieldType)} {field.Name}"));
    }

    private static string Print(MethodInfo method)
    {
        var inInterface = method.DeclaringType!.IsInterface;
        var kind = inInterface ? "" : method switch
        {
            { IsAbstract: true } => "abstract ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => "",
        };
        return $"{(method.IsPublic ? "" : "protected ")}{(method.IsStatic ? "static " : "")}{kind}" +
            $"{NameOf(method.ReturnType)} {method.Name}{GenericsOf(method)}({ParametersOf(method)})";
    }

    private static string Print(PropertyInfo property)
    {
        var setter = !IsVisible(property.SetMethod) ? ""
            : property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;"
            : " set;";
        return $"{NameOf(property.PropertyType)} {property.Name} {{{(IsVisible(property.GetMethod) ? " get;" : "")}{setter} }}";
    }

    private static bool IsVisible(MethodBase? method) =>
        method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static string ParametersOf(MethodBase method) => string.Join(", ", method.GetParameters().Select((parameter, i) =>
        (i == 0 && method.IsDefined(typeof(ExtensionAttribute), false) ? "this " : "") +
        NameOf(parameter.ParameterType) + " " + parameter.Name +
        (parameter.HasDefaultValue ? " = " + (parameter.DefaultValue?.ToString() ?? "null") : "")));

    private static string GenericsOf(MethodInfo method)
    {
        if (!method.IsGenericMethod)
            return "";
        return "<" + string.Join(", ", method.GetGenericArguments().Select(static argument =>
        {
            var constraints = argument.GetGenericParameterConstraints();
            return argument.Name + (constraints.Length > 0 ? " : " + string.Join(" & ", constraints.Select(NameOf)) : "");
        })) + ">";
    }

    private static string NameOf(Type type)
    {
        if (type.IsGenericParameter)
            return type.Name;
        if (type.IsByRef)
            return "ref " + NameOf(type.GetElementType()!);
        if (type.IsArray)
            return NameOf(type.GetElementType()!) + "[]";
        var name = (type.Namespace is null ? "" : type.Namespace + ".") + type.Name.Split('`')[0];
        return type.IsGenericType ? name + "<" + string.Join(", ", type.GetGenericArguments().Select(NameOf)) + ">" : name;
    }
}
