# bash completion for ferrule: asks ferrule itself, which knows the schema.
_ferrule()
{
	local words cur
	cur=${COMP_WORDS[COMP_CWORD]}
	words=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
	case ${COMP_WORDS[1]-} in
	load | check)
		if ((COMP_CWORD == 2)); then
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
		fi
		;;
	esac
	mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" __complete "${words[@]}" "$cur" 2>/dev/null)
}
complete -F _ferrule ferrule
