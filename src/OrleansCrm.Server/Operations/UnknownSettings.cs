using System.Reflection;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Operations;

/// <summary>Settings that nothing reads: a slip in a name is otherwise seen by nobody.</summary>
internal static class UnknownSettings
{
    public static IEnumerable<string> Find(IConfiguration settings) => settings.AsEnumerable()
        .Where(setting => setting.Value is not null && !IsKnown(setting.Key.Split(':'), typeof(ServerOptions)))
        .Select(setting => setting.Key)
        .Order(StringComparer.Ordinal);

    private static bool IsKnown(ReadOnlySpan<string> path, Type type)
    {
        if (path.IsEmpty || type.IsArray)
            return true;
        var property = type.GetProperty(path[0], BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
        return property is { CanRead: true } && IsKnown(path[1..], property.PropertyType);
    }
}
