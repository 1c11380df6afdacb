using System.Text;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Tests.Segments;

namespace OrleansCrm.Engagement.Tests.Customers;

/// <summary>A state that stands in the place of the entries that led to it means what they meant, at every later instant.</summary>
public sealed class ArchivedHistoryTests
{
    private static readonly ProgramDocument[] Programs = [ProgramDocument.Default, PermutationTests.Loyal, SegmentChurnTests.Shop];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Fold_from_an_archived_state_equals_the_fold_of_everything_at_every_later_instant(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 3; round++)
        {
            var life = Live(random, isImported: random.Next(3) == 0);
            var own = life.Own;
            for (var times = 0; times < 3; times++)
            {
                var cut = random.Next(own.Count);
                var archived = own[cut];
                own = [Archive(life, own, cut), .. own.Skip(cut + 1)];
                var later = life.Entries.Where(e => e.RecordedMs >= archived.RecordedMs).Select(e => e.RecordedMs).ToArray();
                foreach (var atMs in new[] { later[0], later[^1], later[^1] + 86_400_000L * random.Next(1_000), later[0] + random.Next(20), later[random.Next(later.Length)] })
                {
                    var (whole, rest) = (Fold(life, life.Own, atMs), Fold(life, own, atMs));
                    Assert.True(Tell(whole) == Tell(rest), $"seed {seed} round {round} cut {cut} of {own.Count} at {atMs}\n{Tell(whole)}\n{Tell(rest)}");
                    Assert.Equal((null, archived.RecordedMs), (whole.ReachesBackToMs, rest.ReachesBackToMs));
                    Assert.Equal(whole.Program.ToJson(), rest.Program.ToJson());
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Entries_behind_an_archived_state_bring_about_what_they_brought_about(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 3; round++)
        {
            var life = Live(random, isImported: false);
            var cut = random.Next(life.Own.Count);
            var (whole, rest) = (new Story(), new Story());
            foreach (var entry in life.Entries)
            {
                Take(whole, entry);
                if (entry == life.Own[cut])
                    rest = Resume(Archive(life, life.Own, cut), whole.Program);
                else if (entry.Offset > life.Own[cut].Offset)
                    Take(rest, entry);
                else
                    continue;
                Assert.True(SnapshotCodec.Encode(whole.State).AsSpan().SequenceEqual(SnapshotCodec.Encode(rest.State)), $"seed {seed} round {round} offset {entry.Offset}");
                if (entry != life.Own[cut])
                    Assert.Equal(whole.Notes, rest.Notes);
            }
        }
    }

    [Fact]
    public void Lives_that_are_archived_have_alerts_points_commands_wakes_and_new_rules_behind_the_cut()
    {
        var random = new Random(0);
        var lives = Enumerable.Range(0, 60).Select(i => Live(random, i % 3 == 0)).ToArray();
        var types = lives.SelectMany(l => l.Entries).Select(e => e.Type).ToHashSet();
        Assert.Superset(
            new HashSet<string> { EntryTypes.Track, EntryTypes.Identify, EntryTypes.Wake, EntryTypes.AlertClaim, EntryTypes.AlertResolve, EntryTypes.ProgramPublished },
            types);
        Assert.Contains(lives, l => Fold(l, l.Own, long.MaxValue).State.Ledger is { Lines.Count: > 3 });
    }

    private static PastCustomer Fold(Life life, IEnumerable<Entry> own, long atMs)
    {
        var past = new PastCustomer(life.Key, atMs, life.Wide, new HashSet<long>());
        foreach (var entry in own)
        {
            if (!past.Take(entry))
                break;
        }

        past.Finish();
        return past;
    }

    /// <summary>As the journal has it afterwards: in the place of the newest of them.</summary>
    private static Entry Archive(Life life, List<Entry> own, int cut)
    {
        var past = new PastCustomer(life.Key, long.MaxValue, life.Wide[..^life.Wide.Count(w => w.Offset > own[cut].Offset)], new HashSet<long>());
        foreach (var entry in own.Take(cut + 1))
            past.Take(entry);
        var history = new ArchivedHistory(SnapshotCodec.Encode(past.State), cut + 1, 0xfedc_ba98_7654_3210, [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        var archived = own[cut] with { Type = EntryTypes.HistoryArchived, Payload = history.ToPayload() };
        var read = ArchivedHistory.Read(archived.Payload);
        Assert.Equal((history.Entries, history.Chain), (read.Entries, read.Chain));
        Assert.Equal(history.Key, read.Key);
        return archived;
    }

    private static string Tell(PastCustomer past) => Encoding.UTF8.GetString(SnapshotCodec.Encode(past.State));

    private static void Take(Story story, Entry entry)
    {
        if (entry.Type == EntryTypes.ProgramPublished)
            story.Rule(ProgramPublication.Parse(entry.Payload).Document);
        story.Add(entry);
    }

    private static Story Resume(Entry archived, ProgramDocument program)
    {
        var story = new Story(program: program);
        story.Begin(SnapshotCodec.Decode(ArchivedHistory.Read(archived.Payload).State));
        return story;
    }

    private static Life Live(Random random, bool isImported)
    {
        var story = new Story();
        var facts = random.Next(2) == 0 ? PermutationTests.Shuffled(PermutationTests.History(random), random) : PermutationTests.History(random);
        var importUntil = isImported ? random.Next(1, facts.Length + 1) : 0;
        var endOfImport = -1L;
        story.Publish(Programs[random.Next(3)] with { Version = 1 });
        for (var i = 0; i < facts.Length; i++)
        {
            var (timeMs, type, payload) = facts[i];
            var day = (timeMs - Story.StartMs) / 86_400_000.0;
            story.Own(type, day, i < importUntil ? """{"context":{"import":"h"},""" + payload[1..] : payload);
            if (i + 1 == importUntil)
                endOfImport = story.Entries[^1].Offset + 1;
            if (random.Next(3) == 0)
                story.WakeWhenDue(day, 2);
            if (random.Next(3) == 0 && story.OpenAlerts is [var alert, ..])
                story.Command(day, random.Next(2) == 0 ? EntryTypes.AlertClaim : EntryTypes.AlertResolve, alert, "ada@x", outcome: "called");
            if (random.Next(8) == 0)
                story.Publish(Programs[random.Next(3)] with { Version = story.Program.Version + 1 });
        }

        story.WakeWhenDue(2_000);

        // Recorded time never falls.
        var entries = story.Entries.Select((e, i) => e with { RecordedMs = Story.Ms(10_000) + 10 * i }).ToArray();
        List<Entry> wide = [.. entries.Where(e => e.Customer.Length == 0)];
        if (isImported)
        {
            wide.Insert(0, wide[0] with { Type = EntryTypes.ImportStarted, Offset = wide[0].Offset - 1 });
            wide.Add(wide[0] with { Type = EntryTypes.ImportEnded, Offset = endOfImport });
            wide.Sort((x, y) => x.Offset.CompareTo(y.Offset));
        }

        return new Life("default/user:u1", entries, [.. wide], [.. entries.Where(e => e.Customer.Length > 0)]);
    }

    private sealed record Life(string Key, Entry[] Entries, Entry[] Wide, List<Entry> Own);
}
