using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Loyalty;

namespace OrleansCrm.Server.Customers;

/// <summary>A person who knows better than the rules puts a customer into another phase.</summary>
internal static class PhaseEndpoints
{
    private const int ReasonLengthMax = 500;

    public static void MapPhases(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/customers/{id}/phase", ForceAsync).RequireAuthorization(Policies.Adjust);

    private static async Task ForceAsync(HttpContext context, string id, PointCommands commands)
    {
        if (await JsonBodies.ReadAsync<PhaseRequest>(context) is not { } request)
            return;
        var phase = request.Phase ?? "";
        if (phase.Length > 0 && !PhaseCommands.Words.Contains(phase, StringComparer.Ordinal))
            await Problems.WriteAsync(context, 400, "invalid_phase", "\"phase\" is one of " + string.Join(", ", PhaseCommands.Words) + ", or null for what the rules say.");
        else if (string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > ReasonLengthMax)
            await Problems.WriteAsync(context, 400, "invalid_reason", $"\"reason\" has 1 to {ReasonLengthMax} characters.");
        else
            await commands.AnswerAsync(context, id, EntryTypes.PhaseForce, PhaseCommands.Force(phase, request.Reason, context.User.Actor()), 200);
    }

    private sealed record PhaseRequest(string? Phase, string? Reason);
}
