using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Server.Decisions;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Hosting;

/// <summary>
/// Does once, while the server starts, what a checkout's first call will: reads a question with events, folds them, decides. Nobody is there for it
/// and nothing is kept. Code is compiled when it is first run, which for all of this takes longer than a decision may.
/// </summary>
internal sealed class WarmStart(TimeProvider time) : BackgroundService
{
    private const string Customer = "default/user:rehearsal";

    private static readonly byte[] Question = """
        {"placement":"checkout","limit":3,"cart":{"currency":"EUR","total":30,"items":[{"sku":"a","quantity":2,"price":15}]},"coupons":["SPRING-1"],"events":[
        {"type":"identify","messageId":"m1","traits":{"name":"Ada"}},
        {"type":"track","messageId":"m2","event":"Product Added","properties":{"product_id":"a","price":15,"quantity":2,"currency":"EUR"}},
        {"type":"track","messageId":"m3","event":"Order Completed","timestamp":"2026-07-01T10:20:30.5Z","properties":{"order_id":"o1","revenue":30,
          "currency":"EUR","products":[{"product_id":"a","price":15,"quantity":2}]}}]}
        """u8.ToArray();

    private static readonly byte[] Program = """
        {"offers":[{"id":"a","title":"A","cart":{"from":1}},{"id":"b","kind":"percent","value":10,"title":"B","when":{"field":"orders","atLeast":1},"budget":{"times":9}}]}
        """u8.ToArray();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => Rehearse(time.GetUtcNow()), stoppingToken);

    /// <returns>The customer it was done with.</returns>
    internal static CustomerState Rehearse(DateTimeOffset now)
    {
        using var json = JsonDocument.Parse(Question);
        var asked = DecisionBody.Read(json.RootElement, eventsMax: 10, out _);
        var (state, program, output) = (CustomerState.Create(Customer), ProgramDocument.Parse(Program), new FoldOutput());
        var customer = CustomerKey.Parse(Customer);
        var (origin, offset) = (new IngestOrigin(customer.Tenant, IngestOrigin.ServerSource), 0);
        foreach (var item in asked.Events)
        {
            var envelope = DecisionEvents.Assign(BatchReader.ReadEvent(item, offset), customer);
            if (EventIntake.Judge(envelope, origin, default, now, item.Length, out var taken) is null)
                Fold(taken.Entry.Type, taken.Entry.TimeMs, taken.Entry.Payload);
        }

        var id = new DecisionId(0, offset, 1);
        var decided = Decider.Decide(state, program, asked.Question, DecisionTables.Empty, id, now.ToUnixTimeMilliseconds(), isDegraded: false);
        Fold(EntryTypes.DecisionMade, now.ToUnixTimeMilliseconds(), decided.Note);
        return SnapshotCodec.Decode(SnapshotCodec.Encode(state));

        void Fold(string type, long timeMs, byte[] payload)
        {
            output.Clear();
            CustomerFold.Apply(state, new Entry(0, offset++, Customer, Guid.NewGuid(), type, timeMs, timeMs, payload), program, output);
        }
    }
}
