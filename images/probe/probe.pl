# Tries what a jail forbids and says what the kernel answered.
#
# Goes into a container as `perl -e <this> MARKER TRY...`: no image holds it, and every image has perl, as a part of Debian that packages
# cannot do without. A TRY is a verb of VERBS with its words, split by tabs; which are made, and what must come of each, is decided on the
# host (orchestrator/pipeline/jail/tries.ts). Prints one JSON array, an answer for each try in its order: the name of an errno, `ok`, a
# figure or a list. MARKER only stands among the arguments, to be found there.
use strict;
use warnings;
use DynaLoader ();
use Errno      ();
use POSIX      ();
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6);

my $LOOK_AT_MOST = 20_000;
my $READ_AT_MOST = 65_536;
my $X86          = (POSIX::uname())[4] eq 'x86_64';
my $SELF         = $$;
my %ERRNO        = map { (Errno->can($_)->() => $_) } reverse sort keys %!;

my %VERBS = (
    write     => \&write_file,
    overwrite => sub { opened($_[0], POSIX::O_WRONLY()) },
    remove    => sub { unlink($_[0])         ? 'ok' : errno() },
    mode      => sub { chmod(0777, $_[0])    ? 'ok' : errno() },
    move      => sub { rename($_[0], $_[1])  ? 'ok' : errno() },
    link      => sub { link($_[0], $_[1])    ? 'ok' : errno() },
    rmdir     => sub { rmdir($_[0])          ? 'ok' : errno() },
    pipe      => sub { POSIX::mkfifo("$_[0]/.probe-pipe", 0600) ? (unlink("$_[0]/.probe-pipe"), 'ok')[1] : errno() },
    read      => sub { contains($_[0], back($_[1])) ? 'ok' : errno() },
    exists    => sub { lstat($_[0]) ? 'there' : errno() },
    execute   => \&execute_file,
    connect   => \&connect_to,
    datagram  => \&send_to,
    resolve   => sub { gethostbyname($_[0]) ? 'ok' : 'unknown' },
    loopback  => \&loopback,
    nics      => sub { names(grep { $_ ne 'lo' } entries('/sys/class/net')) },
    routes    => sub { names(grep { $_ ne 'lo' } map { (split)[0] } tail('/proc/net/route'), map { (split)[-1] } lines('/proc/net/ipv6_route')) },
    search    => sub { search(back($_[0])) },
    sockets   => sub { names(grep { -S } looked_at()) },
    neighbours => sub { names(map { (split)[7] // 'unnamed' } tail('/proc/net/unix')) },
    variables => \&variables,
    processes => sub { names(map { chomp(my $name = slurp("/proc/$_/comm")); $name } grep { $_ != 1 && $_ != $SELF } process_ids()) },
    devices   => \&devices,
    setuid    => sub { names(grep { -f && (-u _ || -g _) } map { my $folder = $_; map {; "$folder/$_" } entries($folder) } @_) },
    mounts    => \&foreign_mounts,
    writable  => \&writable_mounts,
    flags     => sub { join ',', map { $_->{options} } (grep { $_->{at} eq $_[0] } mounts())[-1] // () },
    status    => sub { status($_[0]) },
    limit     => \&limit,
    ulimit    => sub { my ($line) = grep { index($_, $_[0]) == 0 } lines('/proc/self/limits'); (split ' ', substr($line, 26))[1] },
    size      => sub { my @stat = statfs($_[0]); @stat ? $stat[2] * $stat[1] : errno() },
    files     => sub { my @stat = statfs($_[0]); @stat ? $stat[5] : errno() },
    call      => \&call,
    clone     => \&clone_with,
    i386      => \&call_of_i386,
    x32       => sub { $X86 ? call(0x40000000 + 39) : 'SIGSYS' },
    packages  => \&write_packages,
);

my %ALONE = map { $_ => 1 } qw(call clone i386 x32 connect datagram resolve loopback);

my ($marker, @tries) = @ARGV;
my @answers = map { answer(split /\t/) } @tries;
print '[', join(',', map { quoted($_) } @answers), "]\n";

sub answer {
    my ($verb, @words) = @_;
    my $act = $VERBS{$verb} // return "no such try: $verb";
    return in_child(sub { $act->(@words) }) if $ALONE{$verb};
    return eval { $act->(@words) } // "failed: $@";
}

# What succeeds changes nothing here, what is killed is told, and what hangs ends.
sub in_child {
    my ($act) = @_;
    pipe(my $reader, my $writer) or return 'pipe: ' . errno();
    my $child = fork() // return 'fork: ' . errno();
    if ($child == 0) {
        alarm 10;
        syswrite $writer, eval { $act->() } // "failed: $@";
        POSIX::_exit(0);
    }
    close $writer;
    my $said = do { local $/; <$reader> } // '';
    waitpid $child, 0;
    my $signal = $? & 127;
    return $signal == 14 ? 'timeout' : $signal == 31 ? 'SIGSYS' : "signal $signal" if $signal;
    return $said ne '' ? $said : $? == 0 ? 'ok' : 'exit ' . ($? >> 8);
}

# --- Files ---

sub opened {
    my ($path, $how) = @_;
    sysopen(my $file, $path, $how, 0600) or return errno();
    return 'ok';
}

sub write_file {
    my $path = "$_[0]/.probe";
    sysopen(my $file, $path, POSIX::O_WRONLY() | POSIX::O_CREAT() | POSIX::O_EXCL(), 0600) or return errno();
    my $said = defined syswrite($file, 'x') ? 'ok' : errno();
    unlink $path;
    return $said;
}

# Into every folder of installed Python packages, whatever Python it is.
sub write_packages {
    my @libraries = map { my $lib = $_; map {; "$lib/$_" } entries($lib) } qw(/opt/venv/lib /usr/lib /usr/local/lib);
    return names(map { write_file($_) } grep { -d } map {; "$_/site-packages", "$_/dist-packages" } @libraries);
}

sub execute_file {
    my $path = "$_[0]/.probe-program";
    sysopen(my $file, $path, POSIX::O_WRONLY() | POSIX::O_CREAT() | POSIX::O_EXCL(), 0700) or return 'write: ' . errno();
    syswrite $file, "#!/usr/bin/perl\nexit 0;\n";
    close $file;
    my $said = in_child(sub { no warnings 'exec'; exec {$path} $path; errno() });
    unlink $path;
    return $said;
}

# --- The network ---

sub address {
    my ($host, $port) = @_;
    return (AF_INET6, pack_sockaddr_in6($port, inet_pton(AF_INET6, $host))) if $host =~ /:/;
    return (AF_INET, pack_sockaddr_in($port, inet_aton($host)));
}

sub connect_to {
    my ($family, $address) = address(@_);
    socket(my $socket, $family, SOCK_STREAM, 0) or return errno();
    return connect($socket, $address) ? 'ok' : errno();
}

sub send_to {
    my ($family, $address) = address(@_);
    socket(my $socket, $family, SOCK_DGRAM, 0) or return errno();
    return defined send($socket, '?', 0, $address) ? 'ok' : errno();
}

sub loopback {
    socket(my $server, AF_INET, SOCK_STREAM, 0) or return errno();
    bind($server, pack_sockaddr_in(0, INADDR_LOOPBACK)) && listen($server, 1) or return errno();
    socket(my $client, AF_INET, SOCK_STREAM, 0) or return errno();
    return connect($client, getsockname($server)) ? 'ok' : errno();
}

# --- What is there of the host ---

# Where a string stands: environment and arguments of every process, mounts, names and contents of what is mounted.
sub search {
    my ($needle) = @_;
    my @in_proc = map { my $id = $_; map {; "/proc/$id/$_" } qw(environ cmdline) } process_ids();
    my @found = grep { contains($_, $needle) } @in_proc, '/proc/self/mountinfo';
    for my $path (looked_at()) {
        push @found, $path if index($path, $needle) >= 0 || (-f $path && -s _ <= $READ_AT_MOST && contains($path, $needle));
    }
    return names(@found);
}

# Everything that is mounted, engine's kernel files apart. The root is the image, made before this run.
my @looked;
sub looked_at {
    return @looked if @looked;
    my @open = grep { !m{^/(proc|sys)(/|$)} && $_ ne '/' } map { $_->{at} } mounts();
    my %seen;
    while (defined(my $path = shift @open)) {
        next if $seen{$path}++;
        return @looked, 'more than can be looked at' if @looked > $LOOK_AT_MOST;
        push @looked, $path;
        push @open, map {; "$path/$_" } entries($path) if -d $path && !-l $path;
    }
    return @looked;
}

sub variables {
    my %ordinary = map { $_ => 1 } @_;
    my @names = map { (split /=/)[0] } map { split /\0/, slurp("/proc/$_/environ") } process_ids();
    return names(grep { !$ordinary{$_} } @names);
}

sub devices {
    my %ordinary = map { $_ => 1 } @_;
    return names(grep { !$ordinary{$_} } entries('/dev'));
}

sub foreign_mounts {
    my %known = map { $_ => 1 } @_;
    return names(grep { !$known{$_} && !m{^/(proc|sys|dev)(/|$)} } map { $_->{at} } mounts());
}

# Those with one of the names, or with none of them.
sub writable_mounts {
    my ($which, @names) = @_;
    my %named = map { $_ => 1 } @names;
    my @mounts = grep { $_->{at} eq '/dev/shm' || $_->{at} !~ m{^/(proc|sys|dev)?(/|$)} } mounts();
    return names(grep { ($which eq 'of') == ($named{$_} // 0) } map { $_->{at} } grep { $_->{options} =~ /^rw\b/ } @mounts);
}

sub mounts {
    return map {
        my @fields = split;
        (my $at = $fields[4]) =~ s/\\([0-7]{3})/chr oct $1/ge;
        { at => $at, options => $fields[5] };
    } lines('/proc/self/mountinfo');
}

sub process_ids { return grep { /^\d+$/ } entries('/proc') }

# --- Rights and limits ---

sub status {
    my ($name) = @_;
    my ($line) = grep { /^\Q$name\E:/ } lines('/proc/self/status');
    $line =~ s/^\w+:\s*//;
    return join ' ', split ' ', $line;
}

sub limit {
    my ($what) = @_;
    my %file = (
        pids   => ['/sys/fs/cgroup/pids/pids.max', '/sys/fs/cgroup/pids.max'],
        memory => ['/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory.max'],
        swap   => ['/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes', '/sys/fs/cgroup/memory.swap.max'],
    );
    return first_of(@{ $file{$what} }) if $file{$what};
    my ($quota, $period) = split ' ', first_of('/sys/fs/cgroup/cpu/cpu.cfs_quota_us', '/sys/fs/cgroup/cpu.max');
    $period //= first_of('/sys/fs/cgroup/cpu/cpu.cfs_period_us');
    return $quota =~ /^\d+$/ ? $quota / $period : $quota;
}

sub statfs {
    my ($path, $buffer) = ("$_[0]\0", "\0" x 256);
    return syscall($X86 ? 137 : 43, $path, $buffer) == 0 ? unpack('q8', $buffer) : ();
}

# A number a machine, `/` between them; an argument with `@` before it is a text.
sub call {
    my ($numbers, @arguments) = @_;
    my $number = (split m{/}, $numbers)[$X86 ? 0 : 1] + 0;
    my @given = map { /^@(.*)/s ? "$1\0" : $_ + 0 } @arguments;
    return syscall($number, @given) < 0 ? errno() : 'ok';
}

sub clone_with {
    my $made = syscall($X86 ? 56 : 220, $_[0] + POSIX::SIGCHLD(), 0, 0, 0, 0);
    POSIX::_exit(0) if $made == 0;
    return $made < 0 ? errno() : 'ok';
}

# getpid as a 32-bit program would ask for it: machine code, put into memory that may be executed.
sub call_of_i386 {
    return 'SIGSYS' if !$X86;
    my $code = "\xb8\x14\x00\x00\x00\xcd\x80\xc3";
    my $memory = syscall(9, 0, 4096, 7, 0x22, -1, 0);
    return 'mmap: ' . errno() if $memory < 0;
    pipe(my $reader, my $writer);
    syswrite $writer, $code;
    syscall(0, fileno $reader, $memory, length $code);
    DynaLoader::dl_install_xsub('main::as_i386', $memory);
    as_i386();
    return 'ok';
}

# --- Small things ---

sub errno { return $ERRNO{ $! + 0 } // 'errno ' . ($! + 0) }

sub back { return scalar reverse $_[0] }

sub names {
    my %seen;
    my @names = sort grep { !$seen{$_}++ } @_;
    return 'none' if !@names;
    return join ' ', @names > 8 ? (@names[0 .. 7], 'and ' . (@names - 8) . ' more') : @names;
}

sub entries {
    opendir(my $folder, $_[0]) or return ();
    return grep { $_ ne '.' && $_ ne '..' } readdir $folder;
}

sub slurp {
    open(my $file, '<:raw', $_[0]) or return '';
    local $/;
    return <$file> // '';
}

sub lines { return split /\n/, slurp($_[0]) }

sub tail { my ($head, @rest) = lines($_[0]); return @rest }

sub contains { return index(slurp($_[0]), $_[1]) >= 0 }

sub first_of {
    for my $path (@_) {
        return (lines($path))[0] if -r $path;
    }
    return 'absent';
}

sub quoted {
    my ($text) = @_;
    $text =~ s/[^\x20-\x7e]/?/g;
    $text = substr($text, 0, 300);
    $text =~ s/(["\\])/\\$1/g;
    return qq("$text");
}
