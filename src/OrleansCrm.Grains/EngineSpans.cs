using System.Diagnostics;

namespace OrleansCrm.Grains;

/// <summary>
/// The steps of an entry's way, told as spans of the request that brought it. A step is worked for many requests at once, so it is told when it
/// is over, once for each trace. Whom nobody listens to, and what is not traced, costs a comparison.
/// </summary>
public static class EngineSpans
{
    public const string SourceName = "OrleansCrm.Engine";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>The span of the request under way, when it is traced (sampled), for entries to carry.</summary>
    public static string? OfRequest => Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } span ? span.Id : null;

    /// <summary>Whether telling is worth the trouble of finding out what about.</summary>
    public static bool HasListeners => Source.HasListeners();

    /// <summary>Tells of a step that is over.</summary>
    /// <param name="trace">What an entry carries.</param>
    /// <returns>The step's own span, for what follows from it; what was given when nobody keeps it.</returns>
    public static string Tell(string name, string trace, DateTimeOffset ended, TimeSpan took, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!ActivityContext.TryParse(trace, null, isRemote: true, out var request))
            return trace;
        using var span = Source.StartActivity(name, ActivityKind.Internal, request, startTime: ended - took);
        if (span is null)
            return trace;
        foreach (var (key, value) in tags)
            span.SetTag(key, value);
        span.SetEndTime(ended.UtcDateTime);
        return span.Id!;
    }

    /// <summary>What is done until it is disposed belongs to the entry's trace, in the log too; null for an entry without one.</summary>
    public static Activity? Resume(string name, string? trace)
    {
        if (trace is null || !ActivityContext.TryParse(trace, null, isRemote: true, out var request))
            return null;
        return Source.StartActivity(name, ActivityKind.Internal, request) ?? new Activity(name).SetParentId(request.TraceId, request.SpanId, request.TraceFlags).Start();
    }
}
