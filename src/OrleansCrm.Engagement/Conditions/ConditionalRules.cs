using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Segments;

namespace OrleansCrm.Engagement.Conditions;

/// <summary>What a program's conditions ask of the fold, worked out once for each document.</summary>
internal sealed class ConditionalRules
{
    private readonly ProgramDocument _of;

    private ConditionalRules(ProgramDocument program)
    {
        _of = program;
        Segments = SegmentSection.InOrder(program.Segments);
        Counted = new CountedEvents(program.Conditions);
    }

    /// <summary>Each after those it refers to.</summary>
    public Segment[] Segments { get; }

    public CountedEvents Counted { get; }

    /// <summary>Kept with a document, and no part of what makes two documents equal.</summary>
    public struct Cache : IEquatable<Cache>
    {
        private ConditionalRules? _rules;

        public ConditionalRules Of(ProgramDocument program)
        {
            // A document made out of another one begins with the other's.
            if (!ReferenceEquals(_rules?._of, program))
                _rules = new ConditionalRules(program);
            return _rules!;
        }

        public readonly bool Equals(Cache other) => true;

        public override readonly bool Equals(object? obj) => obj is Cache;

        public override readonly int GetHashCode() => 0;
    }
}
