using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Decisions;

/// <summary>What to offer a customer now, in one call at the checkout; and what was decided then.</summary>
internal static class DecisionEndpoints
{
    public static void MapDecisions(this IEndpointRouteBuilder routes)
    {
        const string Decisions = "/v1/customers/{id}/decisions";

        // Bound by hand, as lookups are: a scope of services for each would cost more than the decision.
        var call = routes.ServiceProvider.GetRequiredService<DecisionCall>();
        var options = routes.ServiceProvider.GetRequiredService<ServerOptions>().Decisions;
        routes.MapPost(Decisions, context => DecideAsync(context, call, options))
            .RequireAuthorization(Policies.Decide).WithMetadata(new KeyScope(Scopes.Decide), new OpenToPages());
        OpenToPages.MapPreflight(routes, Decisions);
        routes.MapGet("/v1/decisions/{id}", (HttpContext context, string id, PastDecisions past) => past.AnswerAsync(context, id))
            .RequireAuthorization(Policies.Decided).WithMetadata(new OpenToPages());
        OpenToPages.MapPreflight(routes, "/v1/decisions");
    }

    private static async Task DecideAsync(HttpContext context, DecisionCall call, DecisionOptions options)
    {
        var keys = CustomerPath.KeysOf(context, context.User.Tenant(), (string)context.Request.RouteValues["id"]!, out var error);
        if (keys.Length == 0)
        {
            await Problems.WriteAsync(context, 400, "invalid_customer_id", $"This can be no customer: {error}.");
            return;
        }

        var isCustomer = context.User.HasCustomerScope(CustomerScopes.Decisions);
        if (isCustomer && (keys = Array.FindAll(keys, key => key.ToString() == context.User.Customer())).Length == 0)
        {
            await Problems.WriteAsync(context, 403, "forbidden", "This token is good for another customer.");
            return;
        }

        if (await ReadAsync(context, options) is not { } body)
            return;
        DecisionAnswer answer;
        try
        {
            answer = await call.AnswerAsync(keys, isCustomer, body);
        }
        catch (BodyFormatException exception)
        {
            await Problems.WriteAsync(context, 400, exception.Code, exception.Message);
            return;
        }

        context.Response.Headers["Server-Timing"] = answer.HasEvents
            ? string.Create(CultureInfo.InvariantCulture, $"events;dur={answer.EventsTook.TotalMilliseconds:0.##}, total;dur={answer.Took.TotalMilliseconds:0.##}")
            : string.Create(CultureInfo.InvariantCulture, $"total;dur={answer.Took.TotalMilliseconds:0.##}");
        context.Response.Headers.CacheControl = "private, no-store";
        if (answer.Decided.Status == DecideStatus.Erased)
            await Problems.WriteAsync(context, 410, "erased", "This customer was erased.");
        else
            await JsonBodies.WriteRawAsync(context, 200, answer.HasEvents ? WithEvents(answer) : answer.Decided.Answer);
    }

    /// <summary>The answer with one more member: what was decided stays as it is journaled.</summary>
    private static ReadOnlyMemory<byte> WithEvents(in DecisionAnswer answer)
    {
        var events = JsonScratch.Render(answer.Events, static (json, taken) => DecisionEvents.Write(json, taken));
        var decided = answer.Decided.Answer.Span;
        var whole = new byte[decided.Length + events.Length - 1];
        decided[..^1].CopyTo(whole);
        whole[decided.Length - 1] = (byte)',';
        events[1..].CopyTo(whole.AsSpan(decided.Length));
        return whole;
    }

    /// <returns>Null when a problem has been answered instead.</returns>
    private static async Task<DecisionBody?> ReadAsync(HttpContext context, DecisionOptions options)
    {
        var reader = context.Request.BodyReader;
        ReadResult read;
        while (!(read = await reader.ReadAsync(context.RequestAborted)).IsCompleted && read.Buffer.Length <= options.BodyBytesMax)
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        if (read.Buffer.Length > options.BodyBytesMax)
        {
            await Problems.WriteAsync(context, 413, "too_large", $"The body may have {options.BodyBytesMax} bytes.");
            return null;
        }

        var body = Parse(read.Buffer, options, out var fault);
        reader.AdvanceTo(read.Buffer.End);
        if (fault.Length == 0)
            return body;
        await Problems.WriteAsync(context, 400, body is null ? "invalid_json" : "invalid_decision", fault);
        return null;
    }

    private static DecisionBody? Parse(in ReadOnlySequence<byte> utf8, DecisionOptions options, out string fault)
    {
        fault = "";
        if (utf8.IsEmpty)
            return new DecisionBody();
        try
        {
            using var json = JsonDocument.Parse(utf8);
            return DecisionBody.Read(json.RootElement, options.EventsMax, out fault);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter for half of a surrogate pair, which is JSON by its grammar and no text.
            fault = "The body is not JSON.";
            return null;
        }
    }
}
