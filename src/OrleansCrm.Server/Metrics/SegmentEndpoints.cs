using Orleans;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Metrics;

/// <summary>The tenant's segments and how many customers each has; the customers themselves are found by a search.</summary>
internal static class SegmentEndpoints
{
    public static void MapSegments(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/segments", ListAsync).RequireAuthorization(Policies.Read);

    /// <summary>By name, segments without customers too.</summary>
    public static Dictionary<string, long> SizesOf(CustomerNumbers numbers, ProgramDocument program) =>
        program.Segments.ToDictionary(segment => segment.Name, segment => numbers["segment." + segment.Name]);

    private static async Task ListAsync(HttpContext context, IGrainFactory grains, IJournal journal, ProgramBoard board, TimeProvider time)
    {
        if (await CustomerNumbers.ReadAsync(context, grains, journal, time) is not var (asOf, numbers, partitions))
            return;
        var program = board.Current(context.User.Tenant());
        await JsonBodies.WriteAsync(context, 200, new
        {
            asOf = asOf.UtcDateTime,
            programVersion = program.Version,

            // Of a new program's definitions: in how many partitions everybody has been looked at again.
            evaluated = Math.Round((double)partitions.Count(p => p.Swept) / partitions.Length, 3),
            items = program.Document.Segments.Select(segment => new
            {
                name = segment.Name,
                title = segment.Title,
                customers = numbers["segment." + segment.Name],
            }),
            next = (string?)null,
        });
    }
}
